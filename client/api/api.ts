/** The wall's API, as the page uses it. */
import type { Comment, Draft } from "#schema/comment";
import type { Read } from "#schema/read";
import type { WallQuery } from "../wall/wall-store";
import { json, request } from "./request";

const COMMENTS_URL = "/api/comments";

export interface ReadAnswer {
  /** `null` when nothing changed since the answer that `etag` names (`304`). */
  read: Read | null;
  rebuiltAt: number;
  etag: string | null;
  /** When the server answered, by its own clock. */
  answeredAt: number | null;
}

/** Asks for the newest comments, or for the changes since a cursor. */
export async function readComments(query: WallQuery, etag: string | null): Promise<ReadAnswer> {
  const url = query.since
    ? `${COMMENTS_URL}?since=${encodeURIComponent(query.since)}`
    : COMMENTS_URL;
  const response = await request(url, {
    // The store is the cache; the browser's would only add a copy that may be older.
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

/** A page of older comments, newest first. */
export async function readHistory(before: string): Promise<Read> {
  return json<Read>(await request(`${COMMENTS_URL}?before=${encodeURIComponent(before)}`, {}));
}

/** One comment, however old. */
export async function findComment(id: string): Promise<Comment> {
  return json<Comment>(await request(`${COMMENTS_URL}/${encodeURIComponent(id)}`, {}));
}

/** Sends a message. Repeating it with the same nonce is safe. */
export async function postComment(draft: Draft): Promise<Comment> {
  const response = await request(COMMENTS_URL, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(draft),
  });
  return json<Comment>(response);
}

function parseDate(header: string | null): number | null {
  const milliseconds = Date.parse(header ?? "");
  return Number.isNaN(milliseconds) ? null : milliseconds;
}
