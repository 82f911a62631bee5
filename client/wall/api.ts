/** The page's client for the wall's API. */
import type { Comment, Draft } from "#schema/comment";
import type { Read } from "#schema/read";
import { json, request } from "../api/request";
import type { WallQuery } from "./wall-store";

export const COMMENTS_URL = "/api/comments";

export interface ReadAnswer {
  /** `null` when nothing has changed since the answer with this `etag` (`304`). */
  read: Read | null;
  rebuiltAt: number;
  etag: string | null;
  /** The server's `Date`, ms since the epoch. */
  answeredAt: number | null;
  /** Not an answer of the wall: the live channel vouches that it would be a `304`. */
  vouched?: true;
}

/** Reads the newest comments, or the changes since a cursor. */
export async function readComments(query: WallQuery, etag: string | null): Promise<ReadAnswer> {
  const url = query.since
    ? `${COMMENTS_URL}?since=${encodeURIComponent(query.since)}`
    : COMMENTS_URL;
  const response = await request(url, {
    // The store is the cache; the browser's could only add a stale copy.
    cache: "no-store",
    headers: etag ? { "If-None-Match": etag } : {},
  });
  const read = response.status === 304 ? null : await json<Read>(response);
  return {
    read,
    rebuiltAt: read?.rebuiltAt ?? Number(response.headers.get("Rebuilt-At")),
    etag: response.headers.get("ETag"),
    answeredAt: parseDate(response.headers.get("Date")),
  };
}

/** Reads a page of older comments, newest first. */
export async function readHistory(before: string): Promise<Read> {
  return json<Read>(await request(`${COMMENTS_URL}?before=${encodeURIComponent(before)}`, {}));
}

/** Sends a message. Repeating it with the same nonce is safe. */
export async function postComment(draft: Draft): Promise<Comment> {
  return json<Comment>(await send("POST", "", draft));
}

export function send(method: string, path: string, body: object): Promise<Response> {
  return request(COMMENTS_URL + path, {
    method,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

function parseDate(header: string | null): number | null {
  const milliseconds = Date.parse(header ?? "");
  return Number.isNaN(milliseconds) ? null : milliseconds;
}
