/** Sends a request as it is, and waits for its end for a bounded time. */
import http from "node:http";
import net from "node:net";
import type { FuzzRequest } from "./request";

/** A machine busy with something else may take a while; a hang takes for ever. */
const DEADLINE_MS = 30_000;

/** An answer to a whole request comes before; to one that is cut off it comes with the end of the stream. */
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

  /** @throws when there is no whole answer in time. */
  send({ method, path, headers, body }: FuzzRequest): Promise<Answer> {
    const { hostname, port } = this.#url;
    return new Promise((resolve, reject) => {
      const request = http.request({
        hostname,
        port,
        path,
        method,
        // With some methods Node sends a body without its length, and what follows is nobody's request.
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
   * Sends the bytes, and the end of the stream once an answer begins or none seems to come: a server may give up
   * a request whose client has ended the stream. Resolves to all that came back.
   * @throws when the server keeps the connection open.
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
          // Told to go away in the middle of what it sent: an answer too.
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
