/** Requests about one message. The first load needs none of them. */
import type { Comment } from "#schema/comment";
import { json, request } from "../api/request";
import { COMMENTS_URL, send } from "./api";

/** Reads one comment, however old. */
export async function findComment(id: string): Promise<Comment> {
  return json<Comment>(await request(`${COMMENTS_URL}/${encodeURIComponent(id)}`, {}));
}

/** Takes down a message that was sent with the hash of this secret. */
export async function takeDownComment(id: string, secret: string): Promise<void> {
  await send("DELETE", `/${id}`, { secret });
}

/** Reports a message to the wall's admins. */
export async function reportComment(id: string, reason: string): Promise<void> {
  await send("POST", `/${id}/report`, reason ? { reason } : {});
}
