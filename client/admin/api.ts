/** Admin requests, each sent with the admin token. */
import type {
  Moderation,
  RemovedOfSender,
  ReportedComment,
  ReportedComments,
} from "#schema/moderation";
import { ApiError, json, request } from "../api/request";

const ADMIN_URL = "/api/admin";

export interface AdminApi {
  moderation: () => Promise<Moderation>;
  remove: (id: string, reason: string) => Promise<void>;
  /**
   * Removes everything that this comment's sender sent on the same day. Returns how many went, and
   * whether that is all.
   */
  removeSender: (id: string, reason: string) => Promise<RemovedOfSender>;
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
    remove: async (id, reason) => {
      await ask(`/api/comments/${encodeURIComponent(id)}`, "DELETE", { reason });
    },
    removeSender: async (sentLike, reason) => {
      return json(await ask(`${ADMIN_URL}/removals`, "POST", { sentLike, reason }));
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
