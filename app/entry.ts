/**
 * Stands before the adapter that serves the built page. It answers the API by the same route handlers
 * that Next.js would call, without Next.js around them, and keeps from the adapter what that does not
 * expect. Why: docs/decisions/0013-api-before-the-adapter.md.
 */
import { refusal } from "#schema/problem";
import { handler, onlyMethods, refuse } from "./api/http";
import { provideRequestContext } from "./request-context";

type Params = Record<string, string>;
type RouteHandler = (request: Request, context: { params: Promise<Params> }) => Promise<Response>;

/** By method. */
type Handlers = { [Method in string]?: RouteHandler };

/** A file `route.ts` under `app/api`. */
export interface ApiRoute {
  /** The paths it answers, with a group for each `[name]` in its own. */
  pattern: RegExp;
  handlers: Handlers;
}

interface Adapter<Env, Context> {
  fetch(request: Request, env: Env, context: Context): Promise<Response>;
}

/** `HEAD` and `OPTIONS` are had by what has any of these. */
const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/** The adapter takes what is behind two slashes for another host's name. */
const DOUBLED_SLASH = /^\/[/\\]/;

/** @param routes of several that match, the first answers */
export function before<Env extends object, Context>(
  adapter: Adapter<Env, Context>,
  routes: readonly ApiRoute[],
): Adapter<Env, Context> {
  const complete = routes.map(({ pattern, handlers }) => ({
    pattern,
    handlers: withOtherMethods(handlers),
  }));
  return {
    async fetch(request, env, context) {
      provideRequestContext(env);
      const { pathname } = new URL(request.url);
      if (DOUBLED_SLASH.test(pathname)) return refuseAddress(request, NOWHERE);
      for (const { pattern, handlers } of complete) {
        const match = pattern.exec(pathname);
        if (!match) continue;
        const handle = handlers[request.method] ?? handlers.OPTIONS;
        return handle(request, { params: Promise.resolve(decoded(match.groups ?? {})) });
      }
      try {
        return await adapter.fetch(request, env, context);
      } catch (error) {
        console.error(JSON.stringify({ event: "page failed", error: String(error) }));
        return refusePage(request, NOWHERE);
      }
    },
  };
}

const NOWHERE = { params: Promise.resolve({}) };

const refuseAddress = handler(async () =>
  refuse(refusal("not_found", "There is nothing at this address.")),
);

const refusePage = handler(async () =>
  refuse(refusal("unavailable", "The page can't be made now.", { retryAfterSeconds: 1 })),
);

/** `HEAD` as `GET` is; by `OPTIONS`, and by whatever else, which methods there are. */
function withOtherMethods(handlers: Handlers): Handlers & { OPTIONS: RouteHandler } {
  const refuseMethod = onlyMethods(...METHODS.filter((method) => method in handlers));
  return { HEAD: handlers.GET, OPTIONS: refuseMethod, ...handlers };
}

/** What is no percent-encoding of UTF-8 stays as it came, and names nothing. */
function decoded(groups: Params): Params {
  const decode = (text: string) => {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  };
  return Object.fromEntries(Object.entries(groups).map(([name, text]) => [name, decode(text)]));
}
