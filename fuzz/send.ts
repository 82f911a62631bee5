/** Sends a request unchanged, and waits for the end of the answer, for a limited time. */
import http from "node:http";
import net from "node:net";
import type { FuzzRequest } from "./request";

/** Long enough for a busy machine; a hang never ends. */
const DEADLINE_MS = 30_000;

/** A complete request is answered sooner; a cut-off one when its stream ends. */
const WHOLE_REQUEST_MS = 500;

export interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: string;
}

export class Sender {
  readonly #url: URL;
  readonly #agent = new http.Agent({ keepAlive: true });

  constructor(url: string) {
    this.#url = new URL(url);
  }

  /** @throws if there is no complete answer in time. */
  send({ method, path, headers, body }: FuzzRequest): Promise<Answer> {
    const { hostname, port } = this.#url;
    return new Promise((resolve, reject) => {
      const request = http.request({
        hostname,
        port,
        path,
        method,
        // For some methods Node sends a body without its length, and the bytes then belong to no
        // request.
        headers: body ? { ...headers, "Content-Length": body.length } : headers,
        agent: this.#agent,
      });
      const late = setTimeout(() => request.destroy(new Error("no answer in time")), DEADLINE_MS);
      request
        .on("error", reject)
        .on("close", () => clearTimeout(late))
        .on("upgrade", (_response, socket) => socket.destroy(new Error("upgraded")))
        .on("response", (response) => {
          const chunks: Buffer[] = [];
          response
            .on("data", (chunk: Buffer) => chunks.push(chunk))
            .on("error", reject)
            .on("end", () => {
              const { statusCode = 0, headers } = response;
              resolve({ status: statusCode, headers, body: Buffer.concat(chunks).toString() });
            });
        });
      request.end(body);
    });
  }

  /**
   * Sends the bytes, then ends the stream once an answer begins or none seems to come: a server may
   * abandon a request whose client has ended the stream. Resolves to everything received.
   * @throws if the server keeps the connection open.
   */
  sendRaw(raw: Buffer): Promise<string> {
    const { hostname, port } = this.#url;
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      const socket = net.connect({ host: hostname, port: Number(port), allowHalfOpen: true });
      socket.setTimeout(DEADLINE_MS, () => socket.destroy(new Error("left open")));
      let failure: Error | null = null;
      const end = () => socket.end();
      const noAnswer = setTimeout(end, WHOLE_REQUEST_MS);
      socket
        .on("data", (chunk) => {
          chunks.push(chunk);
          end();
        })
        .on("error", (error: NodeJS.ErrnoException) => {
          // Closing the connection in the middle of the request is an answer too.
          if (error.code !== "ECONNRESET" && error.code !== "EPIPE") failure = error;
        })
        .on("end", end)
        .on("close", () => {
          clearTimeout(noAnswer);
          if (failure) reject(failure);
          else resolve(Buffer.concat(chunks).toString("latin1"));
        });
      socket.write(raw);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
