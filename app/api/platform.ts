/** The one file that knows on which platform adapter the routes run. */
import { getRequestContext } from "@cloudflare/next-on-pages";
import type { CommentsRpc } from "#schema/rpc";

/** The companion Worker. */
export function comments(): CommentsRpc {
  return (getRequestContext().env as { COMMENTS: CommentsRpc }).COMMENTS;
}

/** The wall this build serves: fixed at build by the deploy. */
export const WALL = process.env.WALL ?? "main";
