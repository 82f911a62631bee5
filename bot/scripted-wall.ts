/**
 * A wall in memory behind real HTTP, for tests of the bot: the test decides its comments and its
 * failures.
 */
import http from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type WebSocket from "ws";
import { WebSocketServer } from "ws";
import type { Comment } from "#schema/comment";
import { makeId } from "#schema/id";

export const TOKEN = "scripted-bot-token-0123456789";

export interface Asked {
  method: string;
  /** With the query, after `/api/comments`. */
  path: string;
  body: Record<string, unknown>;
  /** The `Authorization` header. */
  authorization: string | undefined;
}

interface Upgrade {
  since: string;
  entity: string | null;
  authorization: string | undefined;
}

interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

export function refused(status: number, headers: Record<string, string> = {}): Answer {
  const body = {
    type: "about:blank",
    title: "",
    status,
    detail: `refused with ${status}`,
    code: "",
  };
  return { status, body, headers: { "Content-Type": "application/problem+json", ...headers } };
}

export class ScriptedWall {
  readonly comments: Comment[] = [];
  /** All requests so far. */
  readonly asked: Asked[] = [];
  /** Answers in place of the wall if it returns something. */
  intercept: (asked: Asked) => Answer | undefined | Promise<undefined> = () => undefined;
  /** All upgrades so far. */
  readonly upgrades: Upgrade[] = [];
  /** The open live channels. */
  readonly channels = new Set<WebSocket>();
  /** The messages that came over them. */
  readonly heard: string[] = [];
  /** The status and headers that refuse an upgrade; `null` if channels are granted. */
  upgradeRefusal: { status: number; retryAfter?: number } | null = { status: 404 };
  answersPings = true;
  /** Sent with the first frame, beside the changes. */
  terms: { auditS?: number; posts: boolean } = { auditS: 60, posts: false };
  readonly #sockets = new WebSocketServer({ noServer: true });
  #sequence = 1;
  readonly #server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const path = (request.url ?? "").replace("/api/comments", "");
    const { authorization } = request.headers;
    const body = text ? JSON.parse(text) : {};
    const asked = { method: request.method ?? "", path, body, authorization };
    this.asked.push(asked);
    const isKnown = asked.method === "GET" || authorization === `Bearer ${TOKEN}`;
    const answer = (await this.intercept(asked)) ?? (isKnown ? this.#answer(asked) : refused(401));
    response.writeHead(answer.status, { "Content-Type": "application/json", ...answer.headers });
    response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
  });

  static async open(): Promise<ScriptedWall> {
    const wall = new ScriptedWall();
    wall.#server.on("upgrade", (request, socket, head) => wall.#upgrade(request, socket, head));
    await new Promise<void>((resolve) => wall.#server.listen(0, "127.0.0.1", resolve));
    return wall;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    for (const channel of this.channels) channel.terminate();
    this.#server.close();
    this.#server.closeAllConnections();
  }

  add(draft: Partial<Comment>): Comment {
    const index = this.comments.length;
    const id = makeId(Date.now() + index, String(index).padStart(10, "0"));
    const type = draft.type ?? "human";
    const botParams = { ...(type === "human" && { processed: false }), ...draft.botParams };
    const base = { id, timestamp: Date.now(), text: "", username: "ann", color: "#aabbcc" };
    const comment = { ...base, ...draft, type, botParams };
    this.comments.push(comment);
    return comment;
  }

  /** Sends a frame with these comments to all channels. */
  announce(comments: readonly Comment[], more: Record<string, unknown> = {}): void {
    const since = this.#cursor;
    this.#sequence += 1;
    this.sendFrame({ since, cursor: this.#cursor, comments, ...more });
  }

  sendFrame(frame: Record<string, unknown>): void {
    const base = { comments: [], removed: [], rebuiltAt: 1, gap: false };
    for (const channel of this.channels) channel.send(JSON.stringify({ ...base, ...frame }));
  }

  get #cursor(): string {
    return `scripted.${this.#sequence}`;
  }

  #upgrade(request: http.IncomingMessage, socket: Duplex, head: Buffer): void {
    const query = new URLSearchParams(request.url?.split("?")[1]);
    const since = query.get("since") ?? "";
    const { authorization } = request.headers;
    this.upgrades.push({ since, entity: query.get("entity"), authorization });
    if (this.upgradeRefusal) {
      const { status, retryAfter } = this.upgradeRefusal;
      const header = retryAfter === undefined ? "" : `Retry-After: ${retryAfter}\r\n`;
      // The bot hangs up as soon as it has read the status.
      socket.on("error", () => {});
      socket.end(`HTTP/1.1 ${status} No\r\n${header}Content-Length: 0\r\n\r\n`);
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (channel) => {
      this.channels.add(channel);
      channel.on("close", () => this.channels.delete(channel));
      channel.on("message", (data: Buffer) => {
        this.heard.push(String(data));
        if (String(data) === "ping" && this.answersPings) channel.send("pong");
      });
      channel.send(
        JSON.stringify({
          since,
          comments: [],
          removed: [],
          cursor: this.#cursor,
          rebuiltAt: 1,
          gap: false,
          ...this.terms,
        }),
      );
    });
  }

  repliesTo({ id }: Comment): Comment[] {
    return this.comments.filter(({ replyTo }) => replyTo === id);
  }

  #answer({ method, path, body }: Asked): Answer {
    const [, id, deed] = /^\/([^/?]+)\/?(\w*)$/.exec(path) ?? [];
    if (id === undefined && method === "GET") return this.#read(new URLSearchParams(path.slice(1)));
    if (id === undefined) return this.#post(body);
    const comment = this.comments.find((held) => held.id === id);
    if (!comment) return refused(404);
    const { botParams } = comment;
    if (method === "PATCH") {
      comment.botParams = { ...botParams, processed: true };
      return { status: 200, body: comment };
    }
    const isOthers = botParams.claimedBy !== undefined && botParams.claimedBy !== body.bot;
    if (isOthers || (deed === "claim" && botParams.processed)) return refused(409);
    const { claimedBy: _, claimedUntil: __, ...free } = botParams;
    comment.botParams = deed === "claim" ? { ...free, claimedBy: String(body.bot) } : free;
    return deed === "claim" ? { status: 200, body: comment } : { status: 204 };
  }

  #read(query: URLSearchParams): Answer {
    const limit = Number(query.get("limit"));
    const entity = query.get("entity");
    const isForNobody = query.get("addressed") !== "1";
    const read = (comments: Comment[]) => ({
      status: 200,
      body: { comments, removed: [], cursor: this.#cursor, rebuiltAt: 1, gap: false },
    });
    if (!query.has("pending")) return read(this.comments.slice(-limit).reverse());
    const open = this.comments.filter(
      ({ botParams }) =>
        botParams.processed === false &&
        botParams.claimedBy === undefined &&
        (!entity || (botParams.entity ? botParams.entity === entity : isForNobody)),
    );
    const priorityOf = ({ botParams }: Comment) => botParams.priority ?? 0;
    open.sort((a, b) => priorityOf(b) - priorityOf(a) || (a.id < b.id ? -1 : 1));
    return read(open.slice(0, limit));
  }

  #post(body: Record<string, unknown>): Answer {
    const known = this.comments.find(({ nonce }) => nonce !== undefined && nonce === body.nonce);
    return known ? { status: 200, body: known } : { status: 201, body: this.add(body) };
  }
}
