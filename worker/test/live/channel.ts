/** A client of the live channel, on the real runtime. */
import { exports } from "cloudflare:workers";
import { onTestFinished, vi } from "vitest";
import type { Frame, PostedMessage, RefusedMessage } from "#schema/live/messages";
import { type LiveRequest, liveRequest } from "#schema/live/request";
import type { Refusal } from "#schema/problem";
import { somebody, type Wall } from "../wall";

const entrypoint = (
  exports as unknown as { Comments: { fetch(request: Request): Promise<Response> } }
).Comments;

type Message = Frame | PostedMessage | RefusedMessage;

const SETTLED = { timeout: 10_000, interval: 20 };

/** The answer of the entrypoint to an upgrade. */
export function ask(wall: Wall, more: Partial<LiveRequest> = {}): Promise<Response> {
  const asked = { since: "abcdefgh.1", request: "test", isUpgrade: true, ...more };
  const address = somebody().address ?? null;
  return entrypoint.fetch(liveRequest({ wall: wall.name, address, ...asked }));
}

export async function refusalOf(answer: Response): Promise<Refusal> {
  return answer.json();
}

export class Channel {
  readonly messages: Message[] = [];
  /** Everything else that was received, such as pongs. */
  readonly texts: string[] = [];
  closed: number | null = null;
  readonly socket: WebSocket;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.addEventListener("message", ({ data }) => {
      const text = String(data);
      if (text.startsWith("{")) this.messages.push(JSON.parse(text));
      else this.texts.push(text);
    });
    socket.addEventListener("close", ({ code }) => {
      this.closed = code;
    });
    socket.accept();
    onTestFinished(() => {
      if (this.closed === null) socket.close();
    });
  }

  /** Messages that are neither a frame nor an answer to a post. */
  get hints(): unknown[] {
    return this.messages.filter(
      (message) => !("since" in message || "posted" in message || "refused" in message),
    );
  }

  get frames(): Frame[] {
    return this.messages.filter((message): message is Frame => "since" in message);
  }

  get texted(): string[] {
    return this.frames.flatMap(({ comments }) => comments.map(({ text }) => text));
  }

  send(message: unknown): void {
    this.socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  /** Posts, and resolves with the answer. */
  async post(draft: {
    nonce: string;
    text?: string;
    secretHash?: string;
  }): Promise<PostedMessage | RefusedMessage> {
    this.send({ post: draft });
    return vi.waitFor(() => {
      const answer = this.messages.find(
        (message) =>
          ("posted" in message && message.posted === draft.nonce) ||
          ("refused" in message && message.refused === draft.nonce),
      );
      if (!answer) throw new Error(`no answer to ${draft.nonce}`);
      return answer as PostedMessage | RefusedMessage;
    }, SETTLED);
  }

  until(check: () => unknown): Promise<unknown> {
    return vi.waitFor(check, SETTLED);
  }
}

/** A channel whose first frame has arrived. `since` is the wall's newest cursor when absent. */
export async function openChannel(wall: Wall, more: Partial<LiveRequest> = {}): Promise<Channel> {
  const since = more.since ?? (await wall.read()).cursor;
  const answer = await ask(wall, { ...more, since });
  if (!answer.webSocket) throw new Error(`refused: ${answer.status} ${await answer.text()}`);
  const channel = new Channel(answer.webSocket);
  await channel.until(() => {
    if (channel.frames.length === 0) throw new Error("no frame yet");
  });
  return channel;
}
