/** A client of the live channel outside the browser, which may set any header. */

import type { IncomingMessage } from "node:http";
import { createRequire } from "node:module";
import type { Frame, PostedMessage } from "#schema/live/messages";
import type { Problem } from "#schema/problem";
import { until } from "./stack";

/** As far as this file uses the package, which has no types. */
interface Socket {
  on(event: "open" | "close" | "error", listener: (value?: unknown) => void): this;
  on(event: "message", listener: (data: Buffer) => void): this;
  on(
    event: "unexpected-response",
    listener: (request: unknown, response: IncomingMessage) => void,
  ): this;
  send(text: string): void;
  terminate(): void;
}

const WebSocket: new (url: string, options?: object) => Socket = createRequire(import.meta.url)(
  "ws",
);

const PATIENCE_MS = 20_000;

interface Options {
  /** The newest cursor when absent; `null` sends none. */
  since?: string | null;
  /** For a bot's channel. */
  entities?: readonly string[];
  headers?: Record<string, string>;
  /** A local address to connect from. */
  from?: string;
}

export class LiveClient {
  readonly messages: (Frame | PostedMessage)[] = [];
  readonly texts: string[] = [];
  isClosed = false;
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket
      .on("message", (data) => {
        const text = data.toString();
        if (text.startsWith("{")) this.messages.push(JSON.parse(text));
        else this.texts.push(text);
      })
      .on("close", () => {
        this.isClosed = true;
      });
  }

  get shown(): string[] {
    return this.messages.flatMap((message) =>
      "since" in message ? message.comments.map(({ text }) => text) : [],
    );
  }

  /** Whether exactly this message has come. */
  hasHeard(message: unknown): boolean {
    return this.messages.some((each) => JSON.stringify(each) === JSON.stringify(message));
  }

  send(message: unknown): void {
    this.#socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  until<T>(what: string, look: () => T | null | undefined | false): Promise<T> {
    return until(what, PATIENCE_MS, () => look() || null);
  }

  end(): void {
    this.#socket.terminate();
  }
}

/** Opens a channel, or resolves to the problem with which it is refused. */
export async function openLive(
  url: string,
  { since, entities = [], headers = {}, from }: Options = {},
): Promise<LiveClient | Problem> {
  const cursor = since === undefined ? await newestCursor(url) : since;
  const query = new URLSearchParams(entities.map((entity) => ["entity", entity]));
  if (cursor !== null) query.set("since", cursor);
  const socket = new WebSocket(`${url.replace("http", "ws")}/api/live?${query}`, {
    headers,
    localAddress: from,
  });
  const client = new LiveClient(socket);
  return new Promise((resolve, reject) => {
    socket
      .on("open", () => resolve(client))
      .on("error", reject)
      .on("unexpected-response", (_request, response) => {
        let body = "";
        response
          .on("data", (chunk) => {
            body += chunk;
          })
          .on("end", () => resolve(JSON.parse(body)));
      });
  });
}

export async function opened(url: string, options?: Options): Promise<LiveClient> {
  const client = await openLive(url, options);
  if (client instanceof LiveClient) return client;
  throw new Error(`refused: ${JSON.stringify(client)}`);
}

export async function newestCursor(url: string): Promise<string> {
  const response = await fetch(`${url}/api/comments?limit=1`);
  return ((await response.json()) as { cursor: string }).cursor;
}
