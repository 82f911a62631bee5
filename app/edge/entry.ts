/**
 * Stands before the adapter that serves the built page: answers the API without Next.js around it, and keeps
 * from the adapter the requests that it can't handle. Why: docs/decisions/0013-api-before-the-adapter.md.
 */
import { LIVE_PATH } from "#schema/live/messages";
import { refusal } from "#schema/problem";
import { refuse } from "../api/http/answers";
import { protect } from "../api/http/protect";
import { answerApi } from "../api/routes";
import { answerLive } from "./live";
import { provideRequestContext } from "./request-context";

interface Adapter<Env, Context> {
  fetch(request: Request, env: Env, context: Context): Promise<Response>;
}

/** A path with a slash at its end is not among them: Next.js redirects it. */
const API = /^\/api(\/.*[^/])?$/;

/** The adapter would take the part after two slashes for another host's name. */
const DOUBLED_SLASH = /^\/[/\\]/;

export function guarded<Env extends object, Context>(
  adapter: Adapter<Env, Context>,
): Adapter<Env, Context> {
  return {
    async fetch(request, env, context) {
      provideRequestContext(env);
      const { pathname } = new URL(request.url);
      if (pathname === LIVE_PATH) return answerLive(request);
      // The table of routes has no path with a doubled slash, so it answers 404.
      if (API.test(pathname) || DOUBLED_SLASH.test(pathname)) return answerApi(request);
      try {
        return await adapter.fetch(request, env, context);
      } catch (error) {
        console.error(JSON.stringify({ event: "page failed", error: String(error) }));
        return protect(request, async () => refuse(PAGE_FAILED));
      }
    },
  };
}

const PAGE_FAILED = refusal("unavailable", "The page can't be served right now.", {
  retryAfterSeconds: 1,
});
