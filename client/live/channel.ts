/**
 * The page's end of the live channel. It spares the poll a request while the page can't have missed
 * anything, and carries posts. When in doubt it doesn't vouch, and the page polls as without it.
 *
 *   waiting ──timer, or a read──▶ opening ──first frame──▶ live ──closed, silent or out of step──▶ waiting
 *
 * Plain code: sockets, clocks, timers and randomness are passed in.
 */
import type { Comment, Draft } from "#schema/comment";
import { compareCursors } from "#schema/cursor";
import { CACHE_LATE_MS, PAGE_POLL_INTERVAL_MS } from "#schema/limits";
import {
  CLOSE,
  CLOSE_MISSED,
  type Frame,
  LIVE_PING_AFTER_MS,
  LIVE_SEEN_EVERY_BYTES,
  LIVE_SILENCE_MAX_MS,
  type MessageFromPage,
  PING,
  PONG,
} from "#schema/live/messages";
import type { Hint } from "../talk/presence";
import type { LiveLink, Wall } from "../wall/wall";
import { type After, type Clocks, elapsedMs, type Moment, momentOf } from "./clocks";
import { readMessage } from "./from-wall";
import { bytesIn, Posts } from "./posts";
import { Reconnect } from "./reconnect";

/** A ping without an answer for this long means that the socket is dead. */
const PONG_WITHIN_MS = LIVE_SILENCE_MAX_MS - LIVE_PING_AFTER_MS;
/** From opening a socket to its first frame. */
export const FIRST_FRAME_WITHIN_MS = 10_000;
/**
 * A change may be in a read before its frame arrives. The wall never sends frames more rarely than the
 * page polls, so after two intervals the frame is missing.
 */
export const IN_STEP_WITHIN_MS = 2 * PAGE_POLL_INTERVAL_MS;
/** A socket that was live for this long ends the count of failures. */
const STABLE_AFTER_MS = 30_000;
/** A rebuild that is older than the last one by more than this is new: the object's clock was set back. */
const CLOCK_SET_BACK_MS = 60_000;
/** Failures that a close counts for if the wall is full, or rejects what this page sends. */
const PUSHED_BACK = 4;

export interface Socket {
  readonly readyState: number;
  onmessage: ((event: MessageEvent) => unknown) | null;
  onclose: ((event: CloseEvent) => unknown) | null;
  send(text: string): void;
  close(code?: number): void;
}

export interface ChannelOptions extends Clocks {
  /** Opens a socket whose first frame continues from a cursor. May throw. */
  open: (since: string) => Socket;
  wall: Pick<Wall, "store" | "hear">;
  /** Hears hints; `null` when the channel that gave them has ended. */
  onHint?: (hint: Hint | null) => void;
  /** Polls over HTTP now. */
  pollNow: () => void;
  isVisible: () => boolean;
  after: After;
  /** In [0, 1). */
  random: () => number;
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
  /** The last frame that told of a newer rebuild. */
  framedAt: Moment;
  /** The rebuild that it told of, in ms by the object's clock. */
  rebuiltAt: number;
  /** The cursor that frames lead to; `null` if one could not be read. */
  cursor: string | null;
  /** The last frame left changes out, because there were too many. */
  hasMore: boolean;
  /** The page is not at that cursor, and a poll was requested, or will be due. */
  isBehind: boolean;
  /** Ends the socket if a read and the frames don't agree in time. */
  cancelMismatch: (() => void) | null;
  unconfirmedBytes: number;
}

const SOCKET_OPEN = 1;

export class Channel implements LiveLink {
  /** `unreadable` messages were ignored; `missed`: reads that brought what no frame did. */
  readonly counts = { unreadable: 0, missed: 0 };
  readonly #options: ChannelOptions;
  readonly #posts: Posts;
  readonly #reconnect: Reconnect;
  #session: Session | null = null;
  #isWanted = false;
  /** The last read over HTTP, or a first frame, which the single writer answers itself. */
  #readAt: Moment | null = null;
  #cancelCheck: (() => void) | null = null;

  constructor(options: ChannelOptions) {
    this.#options = options;
    this.#posts = new Posts(options.after);
    this.#reconnect = new Reconnect(options);
  }

  start(): void {
    this.#isWanted = true;
    this.#open();
  }

  /** Closes the socket. A post that waits for its answer goes over HTTP. */
  stop(): void {
    this.#isWanted = false;
    this.#reconnect.cancel();
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
      if (this.#isWanted && !this.#reconnect.isWaiting) this.#open();
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
    if (!session?.terms?.posts) return null;
    const { terms } = session;
    const onLate = () => {
      // The next message shouldn't wait as long.
      terms.posts = false;
    };
    return this.#posts.send(draft, (text) => send(session, text), onLate);
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
      this.#reconnect.later(1, () => this.#open());
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
      rebuiltAt: 0,
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
    const message = readMessage(text);
    if ("unreadable" in message) {
      const { isFrame, cursor } = message.unreadable;
      this.counts.unreadable += 1;
      if (!isFrame) return;
      // Without its terms the socket is of no use.
      if (session.terms) this.#missFrame(session, cursor);
      else this.#lose();
    } else if ("posted" in message) this.#posts.stored(message.posted, message.comment);
    else if ("refused" in message) this.#posts.refused(message);
    else if ("since" in message) this.#hearFrame(session, message);
    else this.#options.onHint?.(message);
  }

  #hearFrame(session: Session, frame: Frame): void {
    const { since, auditS, posts, beatS, ...read } = frame;
    const at = this.#moment();
    if (!session.terms) {
      // Another service's, or a wall's that this page doesn't understand: it proves nothing.
      if (auditS === undefined) {
        this.counts.unreadable += 1;
        this.#lose();
        return;
      }
      const auditMs = auditS * 1_000;
      session.terms = { auditMs, posts: posts === true, beats: beatS !== undefined, since: at };
      this.#reconnect.wasLive();
      this.#readAt = at;
    } else if (auditS !== undefined) session.terms.auditMs = auditS * 1_000;
    const step = session.cursor === null ? null : compareCursors(frame.cursor, session.cursor);
    // A late frame, or one of an earlier incarnation, says nothing about the wall now.
    if (step === null || step >= 0) {
      session.cursor = frame.cursor;
      session.hasMore = frame.more === true;
      if (isNews(frame.rebuiltAt, session.rebuiltAt)) {
        session.rebuiltAt = frame.rebuiltAt;
        session.framedAt = at;
      }
    }
    this.#options.wall.hear({ since }, read);
    for (const comment of frame.comments)
      if (comment.type === "human" && comment.nonce !== undefined)
        this.#posts.stored(comment.nonce, comment);
    this.#place(session);
  }

  /** A frame that can't be read brought changes: they are missing until the page is at its cursor. */
  #missFrame(session: Session, cursor: string | null): void {
    session.cursor = cursor;
    this.#place(session);
  }

  #place(session: Session): void {
    if (this.#isInStep(session)) this.#noteInStep(session);
    else if (!session.isBehind && (session.hasMore || !this.#isPastFrames(session))) {
      session.isBehind = true;
      // Changes that exceed a frame are missing on all pages, which ask for them when their polls are due, not at once.
      if (!session.hasMore) this.#options.pollNow();
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
    return (compareCursors(since, cursor) ?? 0) > 0;
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
    if (terms && this.#since(terms.since) >= STABLE_AFTER_MS) this.#reconnect.wasStable();
    // Later losses, and failed reconnects, leave it to the poll's own interval.
    const isFirst = terms !== null && this.#reconnect.isFresh;
    const isPushedBack = code === CLOSE.tryAgainLater || code === CLOSE.violation;
    this.#reconnect.later(isPushedBack ? PUSHED_BACK : 1, () => this.#open());
    if (isFirst && this.#options.isVisible()) this.#options.pollNow();
  }

  #end(why?: number): void {
    const session = this.#session;
    this.#session = null;
    this.#cancelCheck?.();
    this.#cancelCheck = null;
    if (session) {
      this.#options.onHint?.(null);
      session.cancelMismatch?.();
      // A dead socket may report its close minutes later.
      session.socket.onmessage = null;
      session.socket.onclose = null;
      session.socket.close(why);
    }
    this.#posts.lost();
  }

  #moment(): Moment {
    return momentOf(this.#options);
  }

  #since(moment: Moment | null): number {
    return elapsedMs(this.#options, moment);
  }
}

/** Whether a frame tells of another rebuild than an earlier one. A frame that comes twice proves nothing. */
function isNews(rebuiltAt: number, before: number): boolean {
  return rebuiltAt > before || rebuiltAt < before - CLOCK_SET_BACK_MS;
}

/** Returns whether the socket took the text. */
function send({ socket }: Session, text: string): boolean {
  if (socket.readyState !== SOCKET_OPEN) return false;
  socket.send(text);
  return true;
}
