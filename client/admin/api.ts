/** Admin requests, each sent with the admin token. */
import type {
  Moderation,
  RemovalPreview,
  RemovedOfSender,
  ReportedComment,
  ReportedComments,
  Undone,
} from "#schema/moderation";
import { ApiError, json, request } from "../api/request";

const ADMIN_URL = "/api/admin";

export interface AdminApi {
  moderation: () => Promise<Moderation>;
  /** Counts the messages that a removal of this comment, or of its sender's, would take. */
  preview: (id: string) => Promise<RemovalPreview>;
  /** `replies`: bots' replies to it, too. */
  remove: (id: string, reason: string, replies: boolean) => Promise<void>;
  /**
   * Removes everything that this comment's sender sent on the same day. Returns how many went, and
   * whether that is all.
   */
  removeSender: (id: string, reason: string, replies: boolean) => Promise<RemovedOfSender>;
  /** Undoes the removal with this audit entry. */
  undo: (entry: number) => Promise<Undone>;
  /** Refuses posts from this comment's sender for an hour or a day. */
  block: (id: string, hours: 1 | 24, reason: string) => Promise<void>;
  /** Ends the block with this audit entry. */
  unblock: (entry: number) => Promise<void>;
  pause: (paused: boolean, reason: string) => Promise<void>;
  /** The messages that people reported, those with the most reports first. */
  reported: () => Promise<ReportedComment[]>;
  /** Deletes a message's reports, and leaves the message. */
  dismiss: (id: string) => Promise<void>;
}

/**
 * `tokenNow` is asked before each request: another tab may have signed out.
 * @throws {ApiError} `401` from each call without a token, which then sends nothing
 */
export function adminApi(tokenNow: () => string): AdminApi {
  const ask = async (url: string, method: string, body?: object) => {
    const token = tokenNow();
    if (!token) throw new ApiError(401);
    return request(url, {
      method,
      cache: "no-store",
      headers: {
        Authorization: `Bearer ${token}`,
        ...(body && { "Content-Type": "application/json" }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
  };
  return {
    moderation: async () => json<Moderation>(await ask(ADMIN_URL, "GET")),
    preview: async (id) =>
      json(await ask(`${ADMIN_URL}/removals/${encodeURIComponent(id)}`, "GET")),
    remove: async (id, reason, replies) => {
      await ask(`/api/comments/${encodeURIComponent(id)}`, "DELETE", { reason, replies });
    },
    removeSender: async (sentLike, reason, replies) => {
      return json(await ask(`${ADMIN_URL}/removals`, "POST", { sentLike, reason, replies }));
    },
    undo: async (entry) => json(await ask(`${ADMIN_URL}/removals/${entry}/undo`, "POST", {})),
    block: async (sentLike, hours, reason) => {
      await ask(`${ADMIN_URL}/blocks`, "POST", { sentLike, hours, reason });
    },
    unblock: async (entry) => {
      await ask(`${ADMIN_URL}/blocks/${entry}`, "DELETE");
    },
    pause: async (paused, reason) => {
      await ask(`${ADMIN_URL}/pause`, "PUT", { paused, reason });
    },
    reported: async () => {
      const { reported } = await json<ReportedComments>(await ask(`${ADMIN_URL}/reports`, "GET"));
      return reported;
    },
    dismiss: async (id) => {
      await ask(`${ADMIN_URL}/reports/${encodeURIComponent(id)}`, "DELETE");
    },
  };
}
