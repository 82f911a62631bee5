// @ts-check
// Upgrades. Only the live channel's is granted: the front joins the client's connection with one of
// its own to the runtime. Any other request with an `Upgrade` is answered as if it had none.
import http from "node:http";
import { examine } from "./request.mjs";

/** @typedef {import("node:http").IncomingMessage} IncomingMessage */
/** @typedef {import("node:stream").Duplex} Duplex */
/** @typedef {import("node:net").Socket} Socket */

/** As LIVE_PATH in schema/live/messages.ts, which this file can't import. */
const LIVE_PATH = "/api/live";

/**
 * Whether this is a well-formed upgrade of the live channel. One with a body is not.
 * @param {IncomingMessage} request
 */
export function isLiveUpgrade(request) {
  const { method, headers } = request;
  if (method !== "GET" || headers.upgrade?.toLowerCase() !== "websocket") return false;
  if (headers["transfer-encoding"] !== undefined) return false;
  if (Number(headers["content-length"] ?? 0) !== 0) return false;
  const examined = examine(request);
  return "target" in examined && examined.target.path.split("?", 1)[0] === LIVE_PATH;
}

/**
 * Gives the connection back to the server, with the same request without its `Upgrade`: once there
 * is a listener of "upgrade", Node hands over every connection that asks for one.
 * @param {http.Server} server
 * @param {IncomingMessage} request
 * @param {Duplex} socket
 * @param {Buffer} head the bytes after the request's headers
 */
export function withoutUpgrade(server, { method, url, httpVersion, rawHeaders }, socket, head) {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = String(rawHeaders[i]).toLowerCase();
    const value = String(rawHeaders[i + 1]);
    if (name === "connection") lines.push(`connection: ${withoutToken(value, "upgrade")}`);
    else if (name !== "upgrade") lines.push(`${rawHeaders[i]}: ${value}`);
  }
  const text = [...lines, "", ""].join("\r\n");
  socket.unshift(Buffer.concat([Buffer.from(text, "latin1"), head]));
  server.emit("connection", socket);
}

/**
 * Without an offer of compression: wrangler's own proxy would accept it, though page and Worker don't.
 * @param {string[]} headers names and values in turn
 */
export function withoutExtensions(headers) {
  return headers.filter(
    (_, i) => !/^sec-websocket-extensions$/i.test(String(headers[i - (i % 2)])),
  );
}

/**
 * A response to a request whose connection Node has handed over; it closes the connection.
 * @param {IncomingMessage} request
 * @param {Socket} socket
 */
export function responseTo(request, socket) {
  const response = new http.ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  return response.on("finish", () => {
    response.detachSocket(socket);
    socket.end(() => socket.destroy());
  });
}

/**
 * Passes bytes both ways. Each direction waits for its receiver, and so holds little; the ends close
 * together, and after `idleMs` without a byte in either direction.
 * @param {Socket} client
 * @param {Socket} upstream
 * @param {number} idleMs
 */
export function join(client, upstream, idleMs) {
  const ends = [client, upstream];
  for (const [from, to] of [
    [client, upstream],
    [upstream, client],
  ]) {
    from
      ?.on("error", () => {})
      // Everything received is sent first: the last bytes say why the channel closes.
      .on("close", () => to?.end(() => to.destroy()))
      .setTimeout(idleMs, () => {
        for (const end of ends) end.destroy();
      })
      .pipe(/** @type {Socket} */ (to));
  }
}

/**
 * @param {string} value
 * @param {string} token
 */
function withoutToken(value, token) {
  return value
    .split(",")
    .filter((each) => each.trim().toLowerCase() !== token)
    .join(",");
}
