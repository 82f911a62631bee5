/**
 * The page's end of the live channel. It spares the poll a request while the page can't have missed
 * anything, and carries posts. When in doubt it doesn't vouch, and the page polls as without it.
 *
 *   waiting ──timer, or a read──▶ opening ──first frame──▶ live ──closed, silent or out of step──▶ waiting
 *
 * Plain code: sockets, clocks, timers and randomness are passed in.
 */
import * as v from "valibot";
import type { Comment, Draft } from "#schema/comment";
import { parseCursor } from "#schema/cursor";
import { CACHE_LATE_MS, PAGE_POLL_INTERVAL_MS } from "#schema/limits";
import {
  AnsweringSchema,
  BotsSchema,
  CLOSE,
  CLOSE_MISSED,
  type Frame,
  FrameSchema,
  HereSchema,
  LIVE_MESSAGE_MAX_BYTES,
  LIVE_PING_AFTER_MS,
  LIVE_SEEN_EVERY_BYTES,
  LIVE_SILENCE_MAX_MS,
  type MessageFromPage,
  PING,
  PONG,
  PostedSchema,
  RefusedSchema,
} from "#schema/live/messages";
import type { Problem } from "#schema/problem";
import { ApiError } from "../api/request";
import type { LiveLink, Wall } from "../wall/wall";

/** A ping without an answer for this long means that the socket is dead. */
const PONG_WITHIN_MS = LIVE_SILENCE_MAX_MS - LIVE_PING_AFTER_MS;
/** From opening a socket to its first frame. */
export const FIRST_FRAME_WITHIN_MS = 10_000;
/** A post without an answer is sent over HTTP after this. */
export const POST_ANSWER_WITHIN_MS = 5_000;
/**
 * A change may be in a read before its frame arrives. The wall never sends frames more rarely than the
 * page polls, so after two intervals the frame is missing.
 */
export const IN_STEP_WITHIN_MS = 2 * PAGE_POLL_INTERVAL_MS;
/** A clock that steps back by more than a correction's worth says nothing about the time since. */
const CLOCK_BACK_MAX_MS = 1_000;

/**
 * Bound of the first wait before a reconnect; it doubles with each failure. A deploy drops every socket
 * at once: spread over 4 s, 1,000 pages make 250 connects a second, and a second try comes within 12 s.
 */
const RECONNECT_MS = 4_000;
export const RECONNECT_MAX_MS = 5 * 60_000;
/**
 * The same while no socket was ever live in this visit: a browser doesn't tell why a handshake failed,
 * and most likely the channel is switched off or a proxy blocks it.
 */
const NEVER_LIVE_MS = 30_000;
export const NEVER_LIVE_MAX_MS = 30 * 60_000;
/** A socket that was live for this long ends the count of failures. */
const STABLE_AFTER_MS = 30_000;
/** Failures that a close counts for if the wall is full, or rejects what this page sends. */
const PUSHED_BACK = 4;

export interface Socket {
  readonly readyState: number;
  onmessage: ((event: MessageEvent) => unknown) | null;
  onclose: ((event: CloseEvent) => unknown) | null;
  send(text: string): void;
  close(code?: number): void;
}

export interface ChannelOptions {
  /** Opens a socket whose first frame continues from a cursor. May throw. */
  open: (since: string) => Socket;
  wall: Pick<Wall, "store" | "hear">;
  /** Polls over HTTP now. */
  pollNow: () => void;
  isVisible: () => boolean;
  /** ms since the epoch; counts time asleep, but may be set. */
  now: () => number;
  /** ms since any start; never goes back, but may stand still while the machine sleeps. */
  monotonic: () => number;
  /** Calls back after a time in ms; returns a function that cancels. */
  after: (ms: number, callback: () => void) => () => void;
  /** In [0, 1). */
  random: () => number;
}

/** A moment by both clocks. */
interface Moment {
  now: number;
  monotonic: number;
}

/** The state of one socket. */
interface Session {
  readonly socket: Socket;
  readonly openedAt: Moment;
  heardAt: Moment;
  /** A ping that nothing has followed yet. */
  pingedAt: Moment | null;
  /** From the first frame on. */
  terms: { auditMs: number; posts: boolean; beats: boolean; since: Moment } | null;
  /** The last frame. */
  framedAt: Moment;
  /** The cursor that frames lead to; `null` if one could not be read. */
  cursor: string | null;
  /** The last frame left changes out, because there were too many. */
  hasMore: boolean;
  /** A poll was requested because the page is not at that cursor. */
  isBehind: boolean;
  /** Ends the socket if a read and the frames don't agree in time. */
  cancelMismatch: (() => void) | null;
  unconfirmedBytes: number;
}

interface Waiting {
  resolve: (comment: Comment | null) => void;
  reject: (error: ApiError) => void;
  cancel: () => void;
}

const FromWallSchema = v.union([
  FrameSchema,
  PostedSchema,
  RefusedSchema,
  HereSchema,
  BotsSchema,
  AnsweringSchema,
]);
const SOCKET_OPEN = 1;

export class Channel implements LiveLink {
  /** `unreadable` messages were ignored; `missed`: reads that brought what no frame did. */
  readonly counts = { unreadable: 0, missed: 0 };
  readonly #options: ChannelOptions;
  readonly #waiting = new Map<string, Waiting>();
  #session: Session | null = null;
  #isWanted = false;
  #wasLive = false;
  #failures = 0;
  /** The last read over HTTP, or a first frame, which the single writer answers itself. */
  #readAt: Moment | null = null;
  #cancelRetry: (() => void) | null = null;
  #cancelCheck: (() => void) | null = null;

  constructor(options: ChannelOptions) {
    this.#options = options;
  }

  start(): void {
    this.#isWanted = true;
    this.#open();
  }

  /** Closes the socket. A post that waits for its answer goes over HTTP. */
  stop(): void {
    this.#isWanted = false;
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    this.#end();
  }

  /** Whether a poll now could bring nothing that the page lacks. */
  vouches(): boolean {
    const session = this.#session;
    if (!session?.terms || session.socket.readyState !== SOCKET_OPEN) return false;
    const { auditMs, beats } = session.terms;
    return (
      this.#isInStep(session) &&
      this.#since(session.heardAt) < LIVE_SILENCE_MAX_MS &&
      // A pong proves only the wire: the runtime answers pings for a broken object too.
      this.#since(this.#readAt) < auditMs &&
      (!beats || this.#since(session.framedAt) < CACHE_LATE_MS)
    );
  }

  /** A read over HTTP was merged. The spare's proves nothing: it answers while the writer is away. */
  readonly onRead = (isSpare: boolean): void => {
    if (!isSpare) this.#readAt = this.#moment();
    const session = this.#session;
    if (!session) {
      if (this.#isWanted && !this.#cancelRetry) this.#open();
    } else if (session.hasMore) {
      // The rest has been read: a new socket continues from there.
      this.#end();
      this.#open();
    } else if (session.terms && !this.#isInStep(session)) {
      session.cancelMismatch ??= this.#options.after(IN_STEP_WITHIN_MS, () => {
        const hasMissed = this.#isPastFrames(session);
        if (hasMissed) this.counts.missed += 1;
        this.#lose(undefined, hasMissed ? CLOSE_MISSED : undefined);
      });
    } else this.#noteInStep(session);
  };

  /**
   * Sends a message over the channel, or with `overHttp` if the channel can't, doesn't answer in time, or
   * is lost meanwhile. The nonce makes both one message.
   * @throws {ApiError} if the wall refuses it.
   */
  async post(draft: Draft, overHttp: (draft: Draft) => Promise<Comment>): Promise<Comment> {
    return (await this.#post(draft)) ?? overHttp(draft);
  }

  #post(draft: Draft): Promise<Comment | null> | null {
    const session = this.#session;
    const { nonce } = draft;
    if (!session?.terms?.posts || nonce === undefined || this.#waiting.has(nonce)) return null;
    const text = JSON.stringify({ post: { ...draft, nonce } } satisfies MessageFromPage);
    if (bytesIn(text) > LIVE_MESSAGE_MAX_BYTES || !send(session, text)) return null;
    return new Promise((resolve, reject) => {
      const cancel = this.#options.after(POST_ANSWER_WITHIN_MS, () => {
        // The next message shouldn't wait as long.
        if (session.terms) session.terms.posts = false;
        this.#settle(nonce, ({ resolve }) => resolve(null));
      });
      this.#waiting.set(nonce, { resolve, reject, cancel });
    });
  }

  #open(): void {
    const { open, wall } = this.#options;
    const { since } = wall.store.query();
    // Without a cursor the page reads first; `onRead` then comes back here.
    if (since === undefined || this.#session) return;
    let socket: Socket;
    try {
      socket = open(since);
    } catch {
      this.#retryLater(1);
      return;
    }
    const at = this.#moment();
    const session: Session = {
      socket,
      openedAt: at,
      heardAt: at,
      pingedAt: null,
      terms: null,
      framedAt: at,
      cursor: null,
      hasMore: false,
      isBehind: false,
      cancelMismatch: null,
      unconfirmedBytes: 0,
    };
    this.#session = session;
    socket.onmessage = ({ data }) => this.#hear(session, data);
    socket.onclose = ({ code }) => this.#lose(code);
    this.#check(session);
  }

  #hear(session: Session, data: unknown): void {
    session.heardAt = this.#moment();
    const wasPinged = session.pingedAt !== null;
    session.pingedAt = null;
    if (typeof data !== "string") this.counts.unreadable += 1;
    else if (data !== PONG) this.#hearText(session, data);
    if (typeof data === "string") this.#confirm(session, data);
    // Otherwise the timer that runs looks at `heardAt` when it is due.
    if (wasPinged && this.#session === session) this.#check(session);
  }

  #hearText(session: Session, text: string): void {
    const message = parsed(text);
    const result = v.safeParse(FromWallSchema, message);
    if (!result.success) {
      this.counts.unreadable += 1;
      if (!isFrameLike(message)) return;
      if (session.terms) this.#missFrame(session, message);
      else this.#lose();
      return;
    }
    const { output } = result;
    if ("posted" in output) this.#settle(output.posted, ({ resolve }) => resolve(output.comment));
    else if ("refused" in output) {
      const { problem, retryAfterSeconds: seconds } = output;
      const error = new ApiError(problem.status, problem as Problem, seconds && seconds * 1_000);
      this.#settle(output.refused, ({ reject }) => reject(error));
    } else if ("since" in output) this.#hearFrame(session, output);
  }

  /** The first frame names the time between audits; a socket that doesn't isn't the wall's, or not one that this page knows. */
  #hearFrame(session: Session, frame: Frame): void {
    const { since, auditS, posts, beatS, ...read } = frame;
    const at = this.#moment();
    if (!session.terms) {
      if (auditS === undefined) {
        this.counts.unreadable += 1;
        this.#lose();
        return;
      }
      const auditMs = auditS * 1_000;
      session.terms = { auditMs, posts: posts === true, beats: beatS !== undefined, since: at };
      this.#wasLive = true;
      this.#readAt = at;
    } else if (auditS !== undefined) session.terms.auditMs = auditS * 1_000;
    const step = session.cursor === null ? null : compare(frame.cursor, session.cursor);
    // A late frame, or one of an earlier incarnation, says nothing about the wall now.
    if (step === null || step >= 0) {
      session.cursor = frame.cursor;
      session.hasMore = frame.more === true;
      session.framedAt = at;
    }
    this.#options.wall.hear({ since }, read);
    for (const comment of frame.comments)
      if (comment.type === "human" && comment.nonce !== undefined)
        this.#settle(comment.nonce, ({ resolve }) => resolve(comment));
    this.#place(session);
  }

  /** A frame that can't be read brought changes: they are missing until the page is at its cursor. */
  #missFrame(session: Session, { cursor }: { cursor?: unknown }): void {
    session.cursor = typeof cursor === "string" && parseCursor(cursor) ? cursor : null;
    this.#place(session);
  }

  #place(session: Session): void {
    if (this.#isInStep(session)) this.#noteInStep(session);
    else if (!session.isBehind && (session.hasMore || !this.#isPastFrames(session))) {
      session.isBehind = true;
      this.#options.pollNow();
    }
  }

  #noteInStep(session: Session): void {
    session.isBehind = false;
    session.cancelMismatch?.();
    session.cancelMismatch = null;
  }

  #isInStep({ cursor, hasMore }: Session): boolean {
    return cursor !== null && !hasMore && this.#options.wall.store.query().since === cursor;
  }

  /** Whether a read brought more than the frames so far. */
  #isPastFrames({ cursor }: Session): boolean {
    const { since } = this.#options.wall.store.query();
    if (since === undefined || cursor === null) return false;
    return (compare(since, cursor) ?? 0) > 0;
  }

  /** Tells the wall how far this page has read; the wall closes a socket that falls behind. */
  #confirm(session: Session, text: string): void {
    session.unconfirmedBytes += bytesIn(text);
    if (session.unconfirmedBytes < LIVE_SEEN_EVERY_BYTES || session.cursor === null) return;
    session.unconfirmedBytes = 0;
    send(session, JSON.stringify({ seen: session.cursor } satisfies MessageFromPage));
  }

  /** Pings a quiet socket, gives up a dead one, and returns when the next look is due. */
  #check(session: Session): void {
    this.#cancelCheck?.();
    const { terms, openedAt, heardAt, pingedAt } = session;
    const elapsed = (at: Moment) => this.#options.monotonic() - at.monotonic;
    let leftMs: number;
    if (!terms) leftMs = FIRST_FRAME_WITHIN_MS - elapsed(openedAt);
    else if (pingedAt) leftMs = PONG_WITHIN_MS - elapsed(pingedAt);
    else leftMs = LIVE_PING_AFTER_MS - elapsed(heardAt);
    if (leftMs <= 0 && (!terms || pingedAt)) {
      this.#lose();
      return;
    }
    if (leftMs <= 0) {
      session.pingedAt = this.#moment();
      send(session, PING);
      leftMs = PONG_WITHIN_MS;
    }
    this.#cancelCheck = this.#options.after(leftMs, () => this.#check(session));
  }

  /** `code`: why the wall closed the socket; `why`: why this page does. */
  #lose(code?: number, why?: number): void {
    const session = this.#session;
    if (!session) return;
    const { terms } = session;
    this.#end(why);
    if (!this.#isWanted) return;
    if (terms && this.#since(terms.since) >= STABLE_AFTER_MS) this.#failures = 0;
    // Later losses, and failed reconnects, leave it to the poll's own interval.
    const isFirst = terms !== null && this.#failures === 0;
    this.#retryLater(code === CLOSE.tryAgainLater || code === CLOSE.violation ? PUSHED_BACK : 1);
    if (isFirst && this.#options.isVisible()) this.#options.pollNow();
  }

  #end(why?: number): void {
    const session = this.#session;
    this.#session = null;
    this.#cancelCheck?.();
    this.#cancelCheck = null;
    if (session) {
      session.cancelMismatch?.();
      // A dead socket may report its close minutes later.
      session.socket.onmessage = null;
      session.socket.onclose = null;
      session.socket.close(why);
    }
    for (const nonce of [...this.#waiting.keys()])
      this.#settle(nonce, ({ resolve }) => resolve(null));
  }

  #retryLater(failures: number): void {
    this.#failures += failures;
    const [first, max] = this.#wasLive
      ? [RECONNECT_MS, RECONNECT_MAX_MS]
      : [NEVER_LIVE_MS, NEVER_LIVE_MAX_MS];
    const bound = Math.min(max, first * 2 ** (this.#failures - 1));
    this.#cancelRetry?.();
    this.#cancelRetry = this.#options.after(this.#options.random() * bound, () => {
      this.#cancelRetry = null;
      this.#open();
    });
  }

  #settle(nonce: string, answer: (waiting: Waiting) => void): void {
    const waiting = this.#waiting.get(nonce);
    if (!waiting) return;
    this.#waiting.delete(nonce);
    waiting.cancel();
    answer(waiting);
  }

  #moment(): Moment {
    return { now: this.#options.now(), monotonic: this.#options.monotonic() };
  }

  /** The time since a moment in ms, by the clock that counted more. */
  #since(moment: Moment | null): number {
    if (!moment) return Number.POSITIVE_INFINITY;
    const byClock = this.#options.now() - moment.now;
    if (byClock < -CLOCK_BACK_MAX_MS) return Number.POSITIVE_INFINITY;
    return Math.max(byClock, this.#options.monotonic() - moment.monotonic);
  }
}

/** Returns whether the socket took the text. */
function send({ socket }: Session, text: string): boolean {
  if (socket.readyState !== SOCKET_OPEN) return false;
  socket.send(text);
  return true;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isFrameLike(message: unknown): message is { since: unknown; cursor?: unknown } {
  return typeof message === "object" && message !== null && "since" in message;
}

function bytesIn(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Negative when `a` is before `b`; `null` when they belong to different stores. */
function compare(a: string, b: string): number | null {
  const [first, second] = [parseCursor(a), parseCursor(b)];
  if (!first || !second || first.store !== second.store) return null;
  return first.sequence - second.sequence;
}
