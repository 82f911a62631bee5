// @ts-check
import http from "node:http";

// Stands where Cloudflare's edge stands in production: says who the client is, and lets no client say it itself.

/** Hop-by-hop by RFC 9110, 7.6.1: each connection has its own. To `Expect` Node has answered already. */
const HOP_BY_HOP = new Set([
  "connection",
  "expect",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
/** Claims about the client, and the local runtime's own controls (`MF-Original-URL` rewrites the URL). */
const NOT_FOR_CLIENTS = /^(cf-.*|mf-.*|x-forwarded-.*|forwarded|true-client-ip|x-real-ip)$/;
/** The local runtime's own pages and triggers, such as the cron's. */
const RUNTIME_PATHS = /^\/cdn-cgi(\/|$)/;

/**
 * @param {() => { host: string, port: number } | null} target where the page is served now; null while it isn't
 */
export function createFront(target) {
  const pool = new http.Agent({ keepAlive: true });
  return http
    .createServer((request, response) => {
      if (!hasOneHost(request)) {
        refuse(
          response,
          400,
          "Bad Request",
          "bad_request",
          "One Host header is needed, with a host.",
        );
        return;
      }
      const path = originForm(request.url ?? "/");
      if (RUNTIME_PATHS.test(new URL(`http://wall${path}`).pathname)) {
        refuse(response, 404, "Not Found", "not_found", "There is nothing here.");
        return;
      }
      forward(request, response, path);
    })
    .on("close", () => pool.destroy());

  /**
   * @param {http.IncomingMessage} request
   * @param {http.ServerResponse} response
   * @param {string} path
   */
  function forward(request, response, path) {
    const to = target();
    if (!to) {
      unavailable(response);
      return;
    }
    // A pooled connection may be closed under a request; only one that can be sent again takes it.
    const repeatable = isRepeatable(request);
    const upstream = http.request({
      ...to,
      path,
      method: request.method,
      headers: requestHeaders(request),
      setHost: false,
      agent: repeatable ? pool : false,
    });
    upstream.on("response", (answer) => {
      if (isRuntimesOwn(answer)) {
        answer.resume();
        unavailable(response);
        return;
      }
      response.writeHead(
        answer.statusCode ?? 502,
        answer.statusMessage,
        endToEnd(answer.rawHeaders, () => true),
      );
      answer.pipe(response);
      answer.on("error", () => response.destroy());
    });
    upstream.on("error", () => {
      // Whom nobody waits for any more asked for the end itself.
      if (response.headersSent || response.destroyed) return;
      if (repeatable && upstream.reusedSocket) forward(request, response, path);
      else unavailable(response);
    });
    response.on("close", () => upstream.destroy());
    if (repeatable) upstream.end();
    else request.pipe(upstream);
  }
}

/**
 * Two of them, or one that is none, would be taken differently by each who reads it (RFC 9112, 3.2).
 * @param {http.IncomingMessage} request
 */
function hasOneHost({ headersDistinct, httpVersion }) {
  const hosts = headersDistinct.host ?? [];
  const [host = httpVersion === "1.0" ? "wall" : ""] = hosts;
  return hosts.length <= 1 && /^[\w.:[\]-]+$/.test(host) && URL.canParse(`http://${host}`);
}

/** @param {http.IncomingMessage} request */
function isRepeatable({ method, headers }) {
  const bodiless = headers["content-length"] === undefined && !headers["transfer-encoding"];
  return bodiless && (method === "GET" || method === "HEAD");
}

/**
 * The local runtime's word, in plain text, for a request that met its restart; ours is JSON.
 * @param {http.IncomingMessage} answer
 */
function isRuntimesOwn({ statusCode, headers }) {
  return statusCode === 503 && !headers["content-type"]?.includes("json");
}

/** @param {http.IncomingMessage} request */
function requestHeaders({ rawHeaders, socket }) {
  const headers = endToEnd(rawHeaders, (name) => !NOT_FOR_CLIENTS.test(name));
  return [...headers, "CF-Connecting-IP", clientAddress(socket.remoteAddress ?? "")];
}

/**
 * @param {string[]} rawHeaders names and values in turn
 * @param {(name: string) => boolean} wanted
 */
function endToEnd(rawHeaders, wanted) {
  /** @type {[string, string][]} */
  const pairs = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    pairs.push([String(rawHeaders[i]), String(rawHeaders[i + 1])]);
  }
  const named = pairs
    .filter(([name]) => name.toLowerCase() === "connection")
    .flatMap(([, value]) => value.split(",").map((token) => token.trim().toLowerCase()));
  return pairs.flatMap(([name, value]) => {
    const lower = name.toLowerCase();
    const drop = HOP_BY_HOP.has(lower) || named.includes(lower) || !wanted(lower);
    return drop ? [] : [name, value];
  });
}

/** @param {string} address an IPv4 client of a dual-stack socket is `::ffff:192.0.2.1` */
export function clientAddress(address) {
  return address.replace(/^::ffff:(?=\d+\.)/, "");
}

/** @param {string} target `http://host/path` is as good as `/path` (RFC 9112, 3.2.2); Host decides */
function originForm(target) {
  if (target.startsWith("/")) return target;
  try {
    const { pathname, search } = new URL(target);
    return pathname + search;
  } catch {
    return "/";
  }
}

/** @param {http.ServerResponse} response */
function unavailable(response) {
  response.setHeader("Retry-After", "1");
  refuse(
    response,
    503,
    "Service Unavailable",
    "unavailable",
    "The wall is starting, or starting again.",
  );
}

/**
 * @param {http.ServerResponse} response
 * @param {number} status
 * @param {string} title
 * @param {string} code
 * @param {string} detail
 */
function refuse(response, status, title, code, detail) {
  response.statusCode = status;
  response.setHeader("Content-Type", "application/problem+json");
  response.end(JSON.stringify({ type: "about:blank", title, status, detail, code }));
}
