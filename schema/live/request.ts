/** How the page's entry asks the companion Worker for a socket: as a request, since a call can't return one. */

/** Headers instead of the address's query, so that no log of requests has them. */
export const LIVE_HEADERS = {
  wall: "Live-Wall",
  address: "Live-Address",
  request: "Live-Request",
} as const;

export interface LiveRequest {
  wall: string;
  /** The request's `since`; `null` without one. */
  since: string | null;
  /** The client's address from the platform; `null` if unknown. */
  address: string | null;
  /** The request's id, for the logs. */
  request: string;
  isUpgrade: boolean;
}

/** The request to the entrypoint; the `Sec-WebSocket-…` headers are the runtime's own. */
export function liveRequest({ wall, since, address, request, isUpgrade }: LiveRequest): Request {
  const headers = new Headers({ [LIVE_HEADERS.wall]: wall, [LIVE_HEADERS.request]: request });
  if (isUpgrade) headers.set("Upgrade", "websocket");
  if (address !== null) headers.set(LIVE_HEADERS.address, address);
  return new Request(urlOf(since), { headers });
}

function urlOf(since: string | null): string {
  const search = since === null ? "" : `?${new URLSearchParams({ since })}`;
  return `https://wall.invalid/live${search}`;
}
