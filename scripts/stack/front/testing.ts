/**
 * Shared by the front's tests: servers that end with the test, raw clients, and a page that counts
 * bytes.
 */
import http from "node:http";
import net, { type AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { createFront } from "../front.mjs";

export interface Address {
  host: string;
  port: number;
}

export interface Served extends Address {
  /** How many connections the server has open now. */
  connections: () => number;
}

/** Listens on any free port until the test ends. */
export function serve(server: net.Server): Promise<Served> {
  const sockets = new Set<net.Socket>();
  server.on("connection", (socket: net.Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => {});
  });
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      resolve({ host: "127.0.0.1", port, connections: () => sockets.size });
    });
  });
}

export type Bounds = NonNullable<Parameters<typeof createFront>[1]>;

/** A front before a server that answers with `page`. */
export async function frontBefore(page: http.RequestListener, bounds?: Bounds) {
  const { host, port } = await serve(http.createServer(page));
  return serve(createFront(() => ({ host, port }), bounds));
}

/** Sends these bytes and resolves to everything received until the server closes. */
export function sendRaw(
  { host, port }: Address,
  bytes: string,
  { from }: { from?: string } = {},
): Promise<string> {
  return new Promise((resolve) => {
    let answer = "";
    const socket = net.connect({ host, port, ...(from && { localAddress: from }) });
    socket
      .on("data", (chunk) => {
        answer += chunk.toString("latin1");
      })
      // Closed before everything was sent: `close` follows.
      .on("error", () => {})
      .on("close", () => resolve(answer));
    socket.write(Buffer.from(bytes, "latin1"));
  });
}

/** A connection that a test keeps open. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** A connection that a test holds open. */
export class Held {
  received = "";
  closed = false;
  readonly socket: net.Socket;
  /** Resolves when the server has closed it. */
  readonly gone: Promise<void>;

  constructor({ host, port }: Address, from?: string) {
    this.socket = net.connect({ host, port, ...(from && { localAddress: from }) });
    onTestFinished(() => {
      this.socket.destroy();
    });
    this.socket
      .on("error", () => {})
      .on("data", (chunk) => {
        this.received += chunk.toString("latin1");
      });
    this.gone = new Promise((resolve) => {
      this.socket.on("close", () => {
        this.closed = true;
        resolve();
      });
    });
  }

  write(bytes: string): Promise<void> {
    return new Promise((resolve) => {
      this.socket.write(Buffer.from(bytes, "latin1"), () => resolve());
    });
  }
}

interface SeenRequest {
  line: string;
  headers: [name: string, value: string][];
  body: string;
}

/**
 * A page that reads its connections byte by byte, by the simplest rules: a head, then as many bytes
 * as its Content-Length says. Bytes after those are the next request, as for the runtime.
 */
export class CountingPage {
  readonly requests: SeenRequest[] = [];
  connections = 0;
  /** Bytes that belong to no request. */
  get rest(): string {
    return this.#rests.map((read) => read()).join("");
  }
  readonly #rests: (() => string)[] = [];

  listen(): Promise<Address> {
    return serve(net.createServer((socket) => this.#read(socket)));
  }

  #read(socket: net.Socket): void {
    this.connections += 1;
    let bytes = "";
    this.#rests.push(() => bytes);
    socket.on("data", (chunk) => {
      bytes += chunk.toString("latin1");
      for (let end = bytes.indexOf("\r\n\r\n"); end >= 0; end = bytes.indexOf("\r\n\r\n")) {
        const [line = "", ...lines] = bytes.slice(0, end).split("\r\n");
        const headers = lines.map((text): [string, string] => {
          const colon = text.indexOf(":");
          return [text.slice(0, colon).toLowerCase(), text.slice(colon + 1).trim()];
        });
        const length = Number(headers.find(([name]) => name === "content-length")?.[1] ?? 0);
        if (bytes.length < end + 4 + length) return;
        this.requests.push({ line, headers, body: bytes.slice(end + 4, end + 4 + length) });
        bytes = bytes.slice(end + 4 + length);
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
      }
    });
  }
}
