// @ts-check
// Takes the place of Cloudflare's edge: sets the client's address and ignores the client's own
// claims, and protects the runtime from slow and excessive clients. The reasons for our own are in
// docs/decisions/0014-the-fronts-forwarding.md. It needs only Node: it listens before anything is
// installed.
import http from "node:http";
import { REFUSALS, refuse, refuseConnection } from "./front/answers.mjs";
import { readBody } from "./front/body.mjs";
import {
  isLiveUpgrade,
  join,
  responseTo,
  withoutExtensions,
  withoutUpgrade,
} from "./front/channel.mjs";
import { Clients } from "./front/clients.mjs";
import { clientHeaders, examine, runtimeHeaders, upgradedHead } from "./front/request.mjs";
import { Turns } from "./front/turns.mjs";

/** The front's limits for its clients. */
export const BOUNDS = {
  /** A phone on a bad network sends its headers much faster than this. */
  headersMs: 10_000,
  /** For the whole request: an import of 1 MiB takes 9 s at 1 Mbit/s. */
  requestMs: 15_000,
  /** Longer than the 5 s between two polls, so that a page keeps its connection. */
  idleMs: 15_000,
  /** How often these three limits are checked. */
  checkMs: 1_000,
  /** Until the runtime starts to answer: the time it may compute for one request. */
  answerMs: 30_000,
  /** From then until the client has received everything: 3 MB at 1 Mbit/s take 24 s. */
  takenMs: 30_000,
  /**
   * Thousands of pollers. Each is a file descriptor and some 10 KB here, and nothing in the
   * runtime.
   */
  connectionsMax: 4_000,
  /** Pipelined requests per connection. Browsers send none. */
  aheadMax: 16,
  /** The limit of the import (`IMPORT_MAX_BYTES` in schema/limits.ts), the largest in the API. */
  bodyMaxBytes: 1_024 * 1_024,
  /** Incomplete bodies and unsent answers, over all connections. */
  heldBytesMax: 64 * 1_024 * 1_024,
  /** Open live channels: each is two descriptors here, and up to 64 KB each way. */
  channelsMax: 1_500,
  /** A page pings after 10 s of silence; a browser delays a hidden page's timers to once a minute. */
  channelIdleMs: 150_000,
  /** Requests in the runtime at a time; the others queue. It opens four descriptors for each. */
  runtimeMax: 128,
};

/** Methods whose bodies have no meaning (RFC 9110, 9.3.1): the front drops those bodies. */
const WITHOUT_BODY = new Set(["GET", "HEAD"]);

/**
 * @param {() => { host: string, port: number } | null} target the page's current address; null while it is down
 * @param {Partial<typeof BOUNDS>} [bounds] overrides of the defaults
 */
export function createFront(target, bounds) {
  const limits = { ...BOUNDS, ...bounds };
  const clients = new Clients(limits);
  // A pooled connection may close during a request; only repeatable requests use it.
  const pool = new http.Agent({ keepAlive: true });
  const turns = new Turns(limits.runtimeMax);

  const server = http.createServer(
    {
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.idleMs,
      connectionsCheckingInterval: limits.checkMs,
      // `examine` does it, with an answer in our own form.
      requireHostHeader: false,
    },
    receive,
  );
  /** The clients' ends. @type {Set<import("node:net").Socket>} */
  const channels = new Set();
  const close = server.close.bind(server);
  server.close = (...done) => {
    // Node forgets the connections that it handed over.
    for (const channel of channels) channel.destroy();
    return close(...done);
  };
  return server
    .on("connection", (socket) => clients.add(socket))
    .on("upgrade", upgrade)
    .on("checkExpectation", (_request, response) => {
      response.shouldKeepAlive = false;
      refuse(response, REFUSALS.unknownExpectation);
    })
    .on("clientError", refuseBroken)
    .on("close", () => pool.destroy());

  /**
   * @param {http.IncomingMessage} request
   * @param {http.ServerResponse} response
   */
  function receive(request, response) {
    const connection = clients.of(request.socket);
    if (!connection || connection.requests.size >= limits.aheadMax) {
      request.socket.destroy();
      return;
    }
    connection.requests.add(request);
    if (connection.wasUpgrade) response.shouldKeepAlive = false;
    response.on("close", () => connection.requests.delete(request));
    readBody(request, {
      maxBytes: limits.bodyMaxBytes,
      hold: (bytes) => clients.hold(connection, bytes),
      onEnd: (body) => respond({ request, response, connection }, body),
    });
  }

  /**
   * @typedef {object} Exchange
   * @property {http.IncomingMessage} request
   * @property {http.ServerResponse} response
   * @property {import("./front/clients.mjs").Connection} connection
   */

  /**
   * @param {Exchange} exchange
   * @param {Buffer | null} body null if it is too large
   */
  function respond(exchange, body) {
    const { request, response, connection } = exchange;
    clients.begin(connection);
    response.on("close", () => {
      clients.hold(connection, -(body?.length ?? 0));
      clients.end(connection);
    });
    if (!body) {
      response.shouldKeepAlive = false;
      return refuse(response, REFUSALS.tooLarge);
    }
    const examined = examine(request);
    if ("refusal" in examined) return refuse(response, examined.refusal);
    const late = setTimeout(() => {
      if (!response.headersSent) refuse(response, REFUSALS.noAnswer);
    }, limits.answerMs);
    const endTurn = turns.take(connection.client, () =>
      forward(exchange, examined.target, body, () => endTurn()),
    );
    response.on("close", () => {
      clearTimeout(late);
      endTurn();
    });
  }

  /**
   * @param {Exchange} exchange
   * @param {import("./front/request.mjs").Target} asked
   * @param {Buffer} body
   * @param {() => void} onEnd called when the runtime has finished
   */
  function forward(exchange, asked, body, onEnd) {
    const { request, response } = exchange;
    const to = target();
    if (!to) return refuse(response, REFUSALS.starting);
    const { method = "GET" } = request;
    const repeatable = WITHOUT_BODY.has(method);
    const upstream = http.request({
      ...to,
      path: asked.path,
      method,
      headers: runtimeHeaders(request, asked, repeatable ? null : body.length),
      setHost: false,
      agent: repeatable && pool,
    });
    upstream.on("response", (answer) => relay(answer, exchange));
    upstream.on("error", () => {
      // A client that has disconnected gets no answer.
      if (response.headersSent || response.destroyed) return;
      if (repeatable && upstream.reusedSocket) forward(exchange, asked, body, onEnd);
      else refuse(response, REFUSALS.starting);
    });
    upstream.on("close", onEnd);
    response.on("close", () => upstream.destroy());
    upstream.end(repeatable ? undefined : body);
  }

  /**
   * @param {http.IncomingMessage} request
   * @param {import("node:stream").Duplex} duplex
   * @param {Buffer} head
   */
  function upgrade(request, duplex, head) {
    const socket = /** @type {import("node:net").Socket} */ (duplex);
    const connection = clients.of(socket);
    // An answer to an earlier request would arrive within the channel.
    if (!connection || connection.requests.size > 0) return socket.destroy();
    if (!isLiveUpgrade(request)) {
      connection.wasUpgrade = true;
      return withoutUpgrade(server, request, socket, head);
    }
    const examined = examine(request);
    const response = responseTo(
      request,
      socket.on("error", () => {}),
    );
    clients.begin(connection);
    response.on("close", () => clients.end(connection));
    if ("refusal" in examined) return refuse(response, examined.refusal);
    if (channels.size >= limits.channelsMax) return refuse(response, REFUSALS.tooManyChannels);
    const to = target();
    if (!to) return refuse(response, REFUSALS.starting);
    channels.add(socket);
    socket.on("close", () => channels.delete(socket));
    const upstream = http.request({
      ...to,
      path: examined.target.path,
      headers: [
        ...withoutExtensions(runtimeHeaders(request, examined.target, null)),
        ...["Connection", "Upgrade", "Upgrade", "websocket"],
      ],
      setHost: false,
      agent: false,
    });
    const late = setTimeout(() => {
      upstream.destroy();
      if (!response.headersSent) refuse(response, REFUSALS.noAnswer);
    }, limits.answerMs);
    const abandon = () => upstream.destroy();
    socket.on("close", abandon);
    upstream.on("response", (answer) => relay(answer, { request, response, connection }));
    upstream.on("error", () => {
      if (!response.headersSent && !response.destroyed) refuse(response, REFUSALS.starting);
    });
    upstream.on("close", () => clearTimeout(late));
    upstream.on("upgrade", (answer, tube, first) => {
      clearTimeout(late);
      socket.off("close", abandon);
      response.detachSocket(socket);
      if (socket.destroyed) return tube.destroy();
      socket.write(upgradedHead(answer));
      socket.write(first);
      tube.write(head);
      join(socket, tube, limits.channelIdleMs);
    });
    upstream.end();
  }

  /**
   * Reads the answer as fast as the runtime sends it: a slow client occupies only the front.
   * @param {http.IncomingMessage} answer
   * @param {Exchange} exchange
   */
  function relay(answer, { request, response, connection }) {
    // Too late: the front has already answered.
    if (response.headersSent) return answer.resume();
    const refusal = refusalInPlaceOf(answer, request);
    if (refusal) {
      answer.resume();
      return refuse(response, refusal);
    }
    const notTaken = setTimeout(() => request.socket.destroy(), limits.takenMs);
    let heldBytes = 0;
    const count = () => {
      clients.hold(connection, response.writableLength - heldBytes);
      heldBytes = response.writableLength;
    };
    response.writeHead(
      answer.statusCode ?? 502,
      answer.statusMessage,
      clientHeaders(answer.rawHeaders),
    );
    answer
      .on("data", (chunk) => {
        response.write(chunk);
        count();
      })
      .on("end", () => response.end())
      .on("error", () => response.destroy());
    response.on("drain", count).on("close", () => {
      clearTimeout(notTaken);
      clients.hold(connection, -heldBytes);
    });
  }

  /**
   * Answers a connection whose request Node could not parse or did not receive in time.
   * @param {Error & { code?: string }} error
   * @param {import("node:stream").Duplex} socket
   */
  function refuseBroken({ code }, socket) {
    const requests = [...(clients.of(socket)?.requests ?? [])];
    // A client that waits for another answer would mistake the refusal for it.
    if (!socket.writable || requests.some(({ complete }) => complete)) socket.destroy();
    else refuseConnection(socket, refusalOf(code));
  }
}

/** @param {string | undefined} code Node's */
function refusalOf(code) {
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return REFUSALS.tooSlow;
  return code === "HPE_HEADER_OVERFLOW" ? REFUSALS.headersTooLarge : REFUSALS.malformed;
}

/**
 * Replaces the local runtime's own errors, which are plain text or HTML and may contain paths of
 * this machine, by JSON. The runtime answers `503` to a request during its restart, and `502` to a
 * path that no file can have.
 * @param {http.IncomingMessage} answer
 * @param {http.IncomingMessage} request
 */
function refusalInPlaceOf({ statusCode = 502, headers }, { method = "" }) {
  if (statusCode < 500 || headers["content-type"]?.includes("json")) return null;
  if (statusCode === 501) return REFUSALS.unknownMethod;
  return statusCode === 502 && WITHOUT_BODY.has(method) ? REFUSALS.notFound : REFUSALS.starting;
}
