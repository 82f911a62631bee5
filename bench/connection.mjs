// @ts-check
// A client's kept-alive connection: plain HTTP/1.1 over a socket, which counts the bytes on the wire.
import net from "node:net";

const CRLF = "\r\n";
const HEAD_END = Buffer.from(CRLF + CRLF);

/** @typedef {{ status: number, headers: string, body: Buffer, wireBytes: number }} Answer */

/** Closed before an answer arrived: the server may have received the request or not. */
export class ConnectionClosed extends Error {
  constructor() {
    super("the connection was closed");
  }
}

/** One request at a time. */
export class Connection {
  #socket;
  #host;
  /** @type {Buffer} */
  #received = Buffer.alloc(0);
  /** @type {((answer: Answer) => void) | null} */
  #resolve = null;
  /** @type {((error: Error) => void) | null} */
  #reject = null;

  /** @param {URL} url the server's */
  constructor({ hostname, port, host }) {
    this.#host = host;
    this.#socket = net.connect({ host: hostname, port: Number(port), noDelay: true });
    this.#socket.on("data", (chunk) => {
      this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
      this.#take();
    });
    this.#socket.on("error", (error) => this.#reject?.(error));
    this.#socket.on("close", () => this.#reject?.(new ConnectionClosed()));
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {{ body?: string | Buffer, headers?: Record<string, string> }} [options]
   * @returns {Promise<Answer>}
   */
  send(method, path, { body, headers = {} } = {}) {
    const bytes = body === undefined ? null : Buffer.from(body);
    const lines = [`${method} ${path} HTTP/1.1`, `Host: ${this.#host}`];
    for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
    if (bytes) lines.push(`Content-Length: ${bytes.length}`);
    const head = Buffer.from(lines.join(CRLF) + CRLF + CRLF);
    if (this.#socket.destroyed) return Promise.reject(new ConnectionClosed());
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#socket.write(bytes ? Buffer.concat([head, bytes]) : head);
    });
  }

  close() {
    this.#reject = null;
    this.#socket.destroy();
  }

  #take() {
    const answer = parseAnswer(this.#received);
    if (!answer) return;
    this.#received = this.#received.subarray(answer.wireBytes);
    const resolve = this.#resolve;
    this.#resolve = null;
    this.#reject = null;
    resolve?.(answer);
  }
}

/**
 * The first answer in these bytes, or `null` while it is incomplete.
 * @param {Buffer} bytes
 * @returns {Answer | null}
 */
export function parseAnswer(bytes) {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd < 0) return null;
  const head = bytes.toString("latin1", 0, headEnd);
  const status = Number(head.slice(9, 12));
  const start = headEnd + HEAD_END.length;
  const answer = { status, headers: head };
  if (status === 204 || status === 304)
    return { ...answer, body: Buffer.alloc(0), wireBytes: start };
  const length = /\r\ncontent-length: *(\d+)/i.exec(head);
  if (length) {
    const end = start + Number(length[1]);
    return bytes.length < end
      ? null
      : { ...answer, body: bytes.subarray(start, end), wireBytes: end };
  }
  const chunks = [];
  for (let at = start; ; ) {
    const lineEnd = bytes.indexOf(CRLF, at);
    if (lineEnd < 0) return null;
    const size = Number.parseInt(bytes.toString("latin1", at, lineEnd), 16);
    const from = lineEnd + CRLF.length;
    if (bytes.length < from + size + CRLF.length) return null;
    if (size === 0)
      return { ...answer, body: Buffer.concat(chunks), wireBytes: from + CRLF.length };
    chunks.push(bytes.subarray(from, from + size));
    at = from + size + CRLF.length;
  }
}
