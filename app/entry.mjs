// @ts-check
// Stands before the adapter that serves the built page and its routes, and that does not expect every
// request. The build writes it into the adapter's file (scripts/page/build.mjs), so it imports nothing.

/** The adapter takes what is behind two slashes for another host's name. */
const DOUBLED_SLASH = /^\/[/\\]/;

/**
 * @template Env, Context
 * @param {{ fetch(request: Request, env: Env, context: Context): Promise<Response> }} adapter
 */
export function guarded(adapter) {
  return {
    /**
     * @param {Request} request
     * @param {Env} env
     * @param {Context} context
     */
    async fetch(request, env, context) {
      if (DOUBLED_SLASH.test(new URL(request.url).pathname))
        return refusePage(404, "Not Found", "not_found", "There is nothing at this address.");
      try {
        return await adapter.fetch(request, env, context);
      } catch (error) {
        console.error(JSON.stringify({ event: "page failed", error: String(error) }));
        return refusePage(503, "Service Unavailable", "unavailable", "The page can't be made now.");
      }
    },
  };
}

/**
 * @param {number} status
 * @param {string} title
 * @param {string} code
 * @param {string} detail
 */
function refusePage(status, title, code, detail) {
  return new Response(JSON.stringify({ type: "about:blank", title, status, detail, code }), {
    status,
    headers: {
      "Content-Type": "application/problem+json",
      "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
      "X-Content-Type-Options": "nosniff",
      ...(status === 503 && { "Retry-After": "1" }),
    },
  });
}
