/**
 * From which pages a browser may use the API: the wall's own, and those of `ALLOWED_ORIGINS`.
 *
 * Programs that are no browser send neither `Origin` nor `Sec-Fetch-Site` and are none of this file's
 * business: nothing they could send gives them more than a browser's user has.
 */

/** Headers that a page of an allowed origin may send and read beyond the default ones. */
const REQUEST_HEADERS = "Authorization, Content-Type, If-None-Match";
const RESPONSE_HEADERS = "ETag, Location, Rebuilt-At, Retry-After, X-Request-Id";

/** As long as browsers keep such an answer at most (Chromium: two hours). */
const PREFLIGHT_MAX_AGE_S = 7_200;

const SAFE_METHODS = new Set(["GET", "HEAD"]);

/**
 * Whether a browser sent this for a page of another site.
 * @param allowedOrigins apart by commas or spaces
 */
export function isForeign(request: Request, allowedOrigins: string): boolean {
  const origin = request.headers.get("Origin");
  const allowed = allowedOrigins.split(/[\s,]+/).filter(Boolean);
  if (origin !== null && allowed.includes(origin)) return false;
  if (origin !== null && !isOwn(origin, request)) return true;
  // A link on another site may be followed; a form there may not be sent.
  const site = request.headers.get("Sec-Fetch-Site");
  return !SAFE_METHODS.has(request.method) && (site === "cross-site" || site === "same-site");
}

/** Lets a page that is not foreign read the answer. */
export function allowReading(request: Request, headers: Headers): void {
  headers.append("Vary", "Origin");
  const origin = request.headers.get("Origin");
  if (origin === null) return;
  headers.set("Access-Control-Allow-Origin", origin);
  headers.set("Access-Control-Expose-Headers", RESPONSE_HEADERS);
}

/** The answer to a browser that asks whether a page may send what it is about to, else `null`. */
export function preflight(request: Request, methods: string): Response | null {
  const isPreflight = request.method === "OPTIONS" && request.headers.has("Origin");
  if (!isPreflight || !request.headers.has("Access-Control-Request-Method")) return null;
  return new Response(null, {
    status: 204,
    headers: {
      "Access-Control-Allow-Methods": methods,
      "Access-Control-Allow-Headers": REQUEST_HEADERS,
      "Access-Control-Max-Age": String(PREFLIGHT_MAX_AGE_S),
    },
  });
}

/**
 * By the host alone, which a browser sets: TLS may have ended before, and Next.js rewrites `request.url`.
 * Whether the default port of the origin's scheme is named makes no difference.
 */
function isOwn(origin: string, { headers }: Request): boolean {
  if (!URL.canParse(origin)) return false;
  const { protocol, host } = new URL(origin);
  const own = `${protocol}//${headers.get("Host")}`;
  return URL.canParse(own) && new URL(own).host === host;
}
