/** The one file that knows on which platform adapter the routes run. */
import { getRequestContext } from "@cloudflare/next-on-pages";
import type { CommentsRpc } from "#schema/rpc";

interface PageEnv {
  COMMENTS: CommentsRpc & { fetch(request: Request): Promise<Response> };
  /** Origins beside the wall's own whose pages may use the API, apart by commas or spaces; else the build has them. */
  ALLOWED_ORIGINS?: string;
}

/** The companion Worker. */
export function worker(): PageEnv["COMMENTS"] {
  return env().COMMENTS;
}

export function allowedOrigins(): string {
  return env().ALLOWED_ORIGINS ?? process.env.ALLOWED_ORIGINS ?? "";
}

function env(): PageEnv {
  return getRequestContext().env as unknown as PageEnv;
}

/** The wall this build serves: fixed at build by the deploy. */
export const WALL = process.env.WALL ?? "main";
