/**
 * The wall's live channel, as the bot uses it: it says that there may be pending messages. The bot reads and claims
 * them as it does without a channel, so a lost channel costs time and nothing else.
 */
import * as v from "valibot";
import { backoffMs } from "#client/api/backoff";
import type { Comment } from "#schema/comment";
import { parseCursor } from "#schema/cursor";
import {
  type Frame,
  FrameSchema,
  LIVE_PING_AFTER_MS,
  LIVE_SEEN_EVERY_BYTES,
  LIVE_SILENCE_MAX_MS,
  liveUrl,
  PING,
} from "#schema/live/messages";
import type { Clock } from "./clock";
import { failureWords } from "./failure";
import type { Log } from "./log";
import { authorization, type Wall } from "./wall";

/** A channel that lived for less counts as a failed attempt. */
const STABLE_MS = 10_000;

/** A socket of the `ws` package. */
export interface ChannelSocket {
  on(event: "open", listener: () => void): unknown;
  on(event: "message", listener: (data: Buffer, isBinary: boolean) => void): unknown;
  on(event: "close", listener: (code: number) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(
    event: "unexpected-response",
    listener: (
      request: unknown,
      response: { statusCode?: number; headers: Record<string, unknown> },
    ) => void,
  ): unknown;
  send(text: string): void;
  terminate(): void;
}

export type Connect = (url: string, headers: Record<string, string>) => ChannelSocket;

export interface ChannelParts {
  /** The wall's address, without a trailing slash. */
  url: string;
  token: string;
  /** While the channel is open, the wall lists this name among the bots that are present. */
  name: string;
  wall: Pick<Wall, "cursor">;
  connect: Connect;
  clock: Clock;
  random: () => number;
  log: Log;
  /** Whether the bot would answer this pending comment. */
  isWanted: (comment: Comment) => boolean;
}

/** How a channel ended. */
interface End {
  reason: string;
  retryAfterMs: number;
}

export class Channel {
  readonly #parts: ChannelParts;
  #news = new AbortController();
  #isOpen = false;
  /** Everything up to it has arrived. */
  #cursor: string | null = null;

  constructor(parts: ChannelParts) {
    this.#parts = parts;
  }

  /** Whether messages will be announced. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /**
   * Aborts when there may be something to do: a pending message came, one may have been missed, or the channel was
   * opened or lost. Take it before a poll, so that news during the poll count.
   */
  get news(): AbortSignal {
    return this.#news.signal;
  }

  /** Holds a channel open until `stopping` aborts. Never throws. */
  async run(stopping: AbortSignal): Promise<void> {
    const { clock, random, log } = this.#parts;
    let failures = 0;
    while (!stopping.aborted) {
      const began = clock.now();
      const { reason, retryAfterMs } = await this.#follow(stopping);
      if (stopping.aborted) return;
      const wasOpen = this.#isOpen;
      this.#isOpen = false;
      failures = wasOpen && clock.now() - began >= STABLE_MS ? 1 : failures + 1;
      if (wasOpen || failures === 1) log(`no live channel (${reason}); polling`);
      // Messages may have come since. A failed attempt to come back is no news.
      if (wasOpen) this.#tell();
      // With jitter: a deploy drops every channel at the same moment.
      await clock.sleep(backoffMs(failures, random(), retryAfterMs), stopping);
    }
  }

  /** One channel, from its opening to its end. */
  async #follow(stopping: AbortSignal): Promise<End> {
    const { url, token, name, wall, connect } = this.#parts;
    try {
      this.#cursor ??= await wall.cursor();
      const address = liveUrl(url, this.#cursor, [name]);
      return await this.#hear(connect(address, authorization(token)), stopping);
    } catch (error) {
      return { reason: failureWords(error), retryAfterMs: 0 };
    }
  }

  #hear(socket: ChannelSocket, stopping: AbortSignal): Promise<End> {
    const { clock } = this.#parts;
    const ended = new AbortController();
    const terminate = () => socket.terminate();
    stopping.addEventListener("abort", terminate);
    let heardAt = clock.now();
    let unconfirmedBytes = 0;
    let reason = "";
    let retryAfterMs = 0;
    const keepAlive = async () => {
      for (;;) {
        await clock.sleep(LIVE_PING_AFTER_MS, ended.signal);
        if (ended.signal.aborted) return;
        const silentMs = clock.now() - heardAt;
        if (silentMs >= LIVE_SILENCE_MAX_MS) {
          reason = "silent";
          return socket.terminate();
        }
        if (silentMs >= LIVE_PING_AFTER_MS) socket.send(PING);
      }
    };
    return new Promise((resolve) => {
      socket.on("open", () => void keepAlive());
      socket.on("message", (data, isBinary) => {
        heardAt = clock.now();
        const frame = isBinary ? null : parseFrame(data.toString());
        // Everything else that the wall says is passed over.
        if (!frame) return;
        if (!this.#isOpen && frame.auditS === undefined) {
          reason = "its first frame has no auditS";
          return socket.terminate();
        }
        this.#take(frame);
        unconfirmedBytes += data.byteLength;
        if (unconfirmedBytes < LIVE_SEEN_EVERY_BYTES) return;
        unconfirmedBytes = 0;
        socket.send(JSON.stringify({ seen: this.#cursor }));
      });
      socket.on("unexpected-response", (_, { statusCode, headers }) => {
        reason = `refused with ${statusCode}`;
        retryAfterMs = (Number(headers["retry-after"]) || 0) * 1_000;
        socket.terminate();
      });
      socket.on("error", (error) => {
        reason ||= failureWords(error);
      });
      socket.on("close", (code) => {
        ended.abort();
        stopping.removeEventListener("abort", terminate);
        resolve({ reason: reason || `closed with ${code}`, retryAfterMs });
      });
      if (stopping.aborted) terminate();
    });
  }

  #take(frame: Frame): void {
    const isFirst = !this.#isOpen;
    this.#isOpen = true;
    if (isFirst) this.#parts.log("live channel open");
    const isMissing = frame.gap || frame.more === true || this.#isBehind(frame.since);
    this.#cursor = frame.cursor;
    const isForMe = frame.comments.some(
      (comment) => comment.botParams.processed === false && this.#parts.isWanted(comment),
    );
    if (isFirst || isMissing || isForMe) this.#tell();
  }

  /** Whether changes before `since` have not arrived. */
  #isBehind(since: string): boolean {
    const [from, held] = [parseCursor(since), parseCursor(this.#cursor ?? "")];
    return !from || !held || from.store !== held.store || from.sequence > held.sequence;
  }

  #tell(): void {
    const told = this.#news;
    this.#news = new AbortController();
    told.abort();
  }
}

function parseFrame(text: string): Frame | null {
  try {
    const result = v.safeParse(FrameSchema, JSON.parse(text));
    return result.success ? result.output : null;
  } catch {
    return null;
  }
}
