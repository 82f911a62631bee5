// @ts-check
// Checks a client's request, and builds the headers for the runtime.
import { isIPv6 } from "node:net";
import { REFUSALS } from "./answers.mjs";

/** @typedef {import("node:http").IncomingMessage} IncomingMessage */
/** @typedef {{ path: string, host: string }} Target */

/**
 * Hop-by-hop by RFC 9110, 7.6.1: each connection has its own. Node has already answered `Expect`.
 */
const HOP_BY_HOP = [
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
];
/** The front sets these itself, once each, ignoring the client's. */
const FRONTS_OWN = ["host", "content-length"];
const NOT_PASSED_ON = new Set([...HOP_BY_HOP, ...FRONTS_OWN]);
/**
 * Claims about the client, and the local runtime's own controls (`MF-Original-URL` rewrites the
 * URL).
 */
const NOT_FOR_CLIENTS = /^(cf-.*|mf-.*|x-forwarded-.*|forwarded|true-client-ip|x-real-ip)$/;

/**
 * The local runtime's pages and triggers, such as the cron's, and the files that configure the
 * page: Pages serves none of these, but wrangler does. Case-insensitive, for file systems that
 * ignore case.
 */
const NOT_SERVED = /^(cdn-cgi|_worker\.js|_headers|_redirects|_routes\.json)$/i;

/**
 * @param {IncomingMessage} request
 * @returns {{ target: Target } | { refusal: import("./answers.mjs").Refusal }}
 */
export function examine(request) {
  const host = hostOf(request);
  if (host === null) return { refusal: REFUSALS.badHost };
  const path = originForm(request.url ?? "/");
  const [first = ""] = namesIn(path);
  return NOT_SERVED.test(first) ? { refusal: REFUSALS.notFound } : { target: { path, host } };
}

/**
 * The headers for the runtime. The front computes the body's length and the client's address itself
 * and passes on none of the client's headers about them, so the runtime always sees exactly one
 * request.
 * @param {IncomingMessage} request
 * @param {Target} target
 * @param {number | null} bodyBytes null: none, which GET and HEAD never have
 * @returns {string[]} names and values in turn
 */
export function runtimeHeaders({ rawHeaders, socket }, { host }, bodyBytes) {
  const passed = endToEnd(rawHeaders, (name) => !NOT_FOR_CLIENTS.test(name));
  const own = ["Host", host, "CF-Connecting-IP", clientAddress(socket.remoteAddress ?? "")];
  const length = bodyBytes === null ? [] : ["Content-Length", String(bodyBytes)];
  return [...passed, ...own, ...length];
}

/**
 * The runtime's headers for the client: the body's length stays, since Node sends the body
 * unchanged.
 * @param {string[]} rawHeaders names and values in turn
 */
export function clientHeaders(rawHeaders) {
  const length = rawHeaders.findIndex((name, i) => i % 2 === 0 && /^content-length$/i.test(name));
  const own = length < 0 ? [] : rawHeaders.slice(length, length + 2);
  return [...endToEnd(rawHeaders, () => true), ...own];
}

/**
 * The start of the answer that grants an upgrade.
 * @param {IncomingMessage} answer the runtime's
 */
export function upgradedHead({ rawHeaders }) {
  const passed = endToEnd(rawHeaders, () => true);
  const lines = ["HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", "Upgrade: websocket"];
  for (let i = 0; i + 1 < passed.length; i += 2) lines.push(`${passed[i]}: ${passed[i + 1]}`);
  return Buffer.from([...lines, "", ""].join("\r\n"), "latin1");
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
    const drop = NOT_PASSED_ON.has(lower) || named.includes(lower) || !wanted(lower);
    return drop ? [] : [name, value];
  });
}

/** @param {string} address an IPv4 client of a dual-stack socket is `::ffff:192.0.2.1` */
export function clientAddress(address) {
  return address.replace(/^::ffff:(?=\d+\.)/, "");
}

/**
 * Readers would interpret two hosts, or an invalid one, differently (RFC 9112, 3.2). HTTP/1.0 needs
 * none: the host is then the address that the client connected to.
 * @param {IncomingMessage} request
 * @returns {string | null} null for a request that must be refused
 */
function hostOf({ headersDistinct, httpVersion, socket }) {
  const hosts = headersDistinct.host ?? [];
  if (hosts.length === 0 && httpVersion === "1.0") {
    const address = clientAddress(socket.localAddress ?? "");
    return `${isIPv6(address) ? `[${address}]` : address}:${socket.localPort}`;
  }
  const [host = ""] = hosts;
  const isOne = hosts.length === 1 && /^[\w.:[\]-]+$/.test(host) && URL.canParse(`http://${host}`);
  return isOne ? host : null;
}

/** @param {string} target `http://host/path` equals `/path` (RFC 9112, 3.2.2); Host decides */
function originForm(target) {
  if (target.startsWith("/")) return target;
  try {
    const { pathname, search } = new URL(target);
    return pathname + search;
  } catch {
    return "/";
  }
}

/**
 * The names in a path as a file server resolves them: decoded once, without empty names and dots.
 * @param {string} path
 */
function namesIn(path) {
  const [encoded = ""] = path.split(/[?#]/, 1);
  const decoded = encoded.replace(/%([0-7][0-9a-f])/gi, (_, hex) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  /** @type {string[]} */
  const names = [];
  for (const name of decoded.split(/[/\\]/)) {
    if (name === "..") names.pop();
    else if (name !== "" && name !== ".") names.push(name);
  }
  return names;
}
