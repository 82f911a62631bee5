/** How the page's entry asks the companion Worker for a socket: as a request, since a call can't return one. */

/** Headers instead of the address's query, so that no log of requests has them. */
export const LIVE_HEADERS = {
  wall: "Live-Wall",
  address: "Live-Address",
  token: "Live-Token",
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
  /** A bot's channel: the entities that it answers as, and the bearer token, if one was sent. */
  entities?: readonly string[];
  token?: string | undefined;
}

/** The request to the entrypoint; the `Sec-WebSocket-…` headers are the runtime's own. */
export function liveRequest(asked: LiveRequest): Request {
  const { wall, since, address, request, isUpgrade, entities = [], token } = asked;
  const headers = new Headers({ [LIVE_HEADERS.wall]: wall, [LIVE_HEADERS.request]: request });
  if (isUpgrade) headers.set("Upgrade", "websocket");
  if (address !== null) headers.set(LIVE_HEADERS.address, address);
  if (token !== undefined) headers.set(LIVE_HEADERS.token, token);
  const url = new URL("https://wall.invalid/live");
  if (since !== null) url.searchParams.set("since", since);
  for (const entity of entities) url.searchParams.append("entity", entity);
  return new Request(url, { headers });
}
