/**
 * Checks the live channel. Invariant 14: a frame is the answer to the poll that it replaces, and a page that is spared
 * its polls shows what polls would have shown, as soon. Invariant 15: a message sent over the channel is one message
 * under its nonce, and acknowledged means durable.
 */
import type { Comment } from "#schema/comment";
import { type Cursor, formatCursor, parseCursor } from "#schema/cursor";
import { CACHE_LATE_MS, PAGE_POLL_INTERVAL_MS } from "#schema/limits";
import { type Frame, LIVE_UNSEEN_MAX_BYTES, type PostedMessage } from "#schema/live/messages";
import type { LedgerKind } from "#worker/ledger/kind";
import type { Connection, SentMessage } from "../platform/sockets";
import type { History } from "./history";
import type { RemovalChecker } from "./removals";
import type { Verdict } from "./violation";

/** A frame that was sent before its wall moved leaves once the writes before it are durable. */
const DURABLE_MAX_MS = 1_000;
/** Twice what a page may owe: after hibernation the hub knows an estimate only. */
const UNREAD_MAX_BYTES = 2 * LIVE_UNSEEN_MAX_BYTES;
/** A poll's way to the wall and back. */
const POLL_TAKES_MS = 3_000;
/** A page that polls shows what the wall answered anyone this long ago. */
const POLL_SHOWS_MS = PAGE_POLL_INTERVAL_MS + POLL_TAKES_MS;
/** The stated bounds: a wire that failed silently, and an object that did, which a read (or on `kv` a beat) finds. */
const WIRE_SILENT_MAX_MS = 30_000;
const AUDIT_MS = 60_000;
/** The page has missed something for certain if more than one of these passed. */
const AUDIT_SHOWS_MS = AUDIT_MS + POLL_SHOWS_MS;
const BEAT_SHOWS_MS = CACHE_LATE_MS + POLL_SHOWS_MS;

/** A page that was spared a poll. */
export interface Spared {
  name: string;
  cursor: Cursor;
  connection: Connection;
}

interface LiveParts {
  verdict: Verdict;
  history: History;
  removals: RemovalChecker;
  /** The ledger that durably holds the wall. */
  ledger: () => LedgerKind;
  /** Whether the object durably holds a message. */
  isStored: (id: string) => boolean;
  /** Converts a time of the scheduler to ms since the world began. */
  sinceStart: (time: number) => number;
}

export class LiveChecker {
  readonly #parts: LiveParts;
  /** The last frame: all sockets get the same bytes. */
  #last = "";
  /** The id of each text that the channel acknowledged. */
  readonly #ids = new Map<string, string>();
  /** The nonces that the channel said it stored as new. */
  readonly #created = new Map<string, string>();
  frames = 0;
  posts = 0;
  spared = 0;

  constructor(parts: LiveParts) {
    this.#parts = parts;
  }

  /** The first frame answers the cursor that the page asked from; either may be known first. */
  opened({ asked, answered }: Connection): void {
    if (asked === null || answered === null) return;
    const words = () => `the first frame continues from ${answered}, not from ${asked}`;
    this.#parts.verdict.expect(14, asked === answered, words);
  }

  /** A message leaves the object on one socket. */
  sent({ text, takenAt, connection }: SentMessage): void {
    if (text.startsWith('{"posted"')) this.#posted(JSON.parse(text));
    if (!text.startsWith('{"since"')) return;
    this.frames += 1;
    const isFirst = connection.posts === null;
    if (isFirst) this.#first(JSON.parse(text), connection);
    const { verdict, ledger } = this.#parts;
    const takesPosts = ledger() === "sqlite";
    if (connection.posts !== takesPosts) connection.outdatedAt ??= verdict.now;
    const outdatedMs = verdict.now - (connection.outdatedAt ?? verdict.now);
    const words = () => "a socket outlived the move of its wall, whose terms are others now";
    verdict.expect(14, outdatedMs <= DURABLE_MAX_MS, words);
    if (text === this.#last) return;
    this.#last = text;
    this.#frame(JSON.parse(text), this.#parts.sinceStart(takenAt));
  }

  /** Bytes that were sent to a page which has not read any of them. */
  unread(bytes: number): void {
    const words = () => `${bytes} bytes were sent to a page that does not read`;
    this.#parts.verdict.expect(14, bytes <= UNREAD_MAX_BYTES, words);
  }

  /** A page's poll was spared. */
  wasSpared({ name, cursor, connection }: Spared): void {
    const { verdict, history, ledger } = this.#parts;
    const { now } = verdict;
    this.spared += 1;
    const reached = (ms: number) => history.progress.reached(cursor.store, now - ms);
    const isBehind = (ms: number) => cursor.sequence < reached(ms);
    const isSilent = connection.isWireSilent;
    const hasFailed = isSilent || connection.isFrameLost || connection.isMuted;
    const words = (ms: number) => () =>
      `${name} is at ${cursor.sequence} and spared its poll, ${ms} ms after ${reached(ms)} was answered`;
    verdict.expect(14, hasFailed || !isBehind(POLL_SHOWS_MS), words(POLL_SHOWS_MS), name);
    const objectMs = ledger() === "kv" ? BEAT_SHOWS_MS : AUDIT_SHOWS_MS;
    const isWire = isSilent && !connection.isFrameLost && !connection.isMuted;
    // A wire that was slow before the failure adds its delay.
    const latest =
      (isWire ? Math.min(WIRE_SILENT_MAX_MS, objectMs) : objectMs) + connection.delayMs;
    verdict.expect(14, !isBehind(latest), words(latest), name);
  }

  /**
   * A page shows no message whose removal was between its last full read, at sequence `from`, and its cursor. A full
   * read names no removals: what it says of older messages is what a page that polls knows, too.
   */
  holds(name: string, from: number, cursor: Cursor, has: (id: string) => boolean): void {
    const { verdict, history } = this.#parts;
    verdict.looked(14);
    for (const [id, sequence] of history.removedIn(cursor.store))
      if (sequence > from && sequence <= cursor.sequence && has(id))
        verdict.fail(14, `${name} at ${cursor.sequence} shows ${id}, removed at ${sequence}`, id);
  }

  /** A page was answered that its message is stored, over the channel or over HTTP. */
  acknowledged({ id, nonce = "" }: Comment, text: string, isExact: boolean): void {
    const { verdict, removals } = this.#parts;
    const first = this.#ids.get(text) ?? id;
    this.#ids.set(text, first);
    const isOne = !isExact || first === id || removals.mayBeGone(id);
    verdict.expect(15, isOne, () => `“${text}” is ${first} and ${id}`, nonce, id, first);
  }

  #first({ since, posts }: Frame, connection: Connection): void {
    connection.posts = posts === true;
    connection.answered = since;
    this.opened(connection);
  }

  #posted({ posted, comment, created }: PostedMessage): void {
    const { verdict, history, removals } = this.#parts;
    const { id, text } = comment;
    this.posts += 1;
    const isStored = this.#parts.isStored(id) || history.wasDropped(id) || removals.mayBeGone(id);
    const words = () => `“${text}” (${id}) was acknowledged before it was stored`;
    verdict.expect(15, isStored, words, id, posted);
    if (!created) return;
    const known = this.#created.get(text);
    const twice = () => `“${text}” was stored as ${known} and as ${id}`;
    verdict.expect(15, known === undefined, twice, id, posted);
    this.#created.set(text, id);
  }

  #frame({ since, cursor, comments, removed, gap }: Frame, takenAt: number): void {
    const { verdict, history, removals } = this.#parts;
    removals.expectGone("a frame", comments, takenAt);
    const [from, to] = [parseCursor(since), parseCursor(cursor)];
    if (!to) throw new Error(`no cursor: ${cursor}`);
    for (const comment of comments) history.expectSent(comment);
    for (const { id } of comments) history.shownAt(id, to);
    history.announcedRemoved(removed);
    if (gap || !from) return;
    const isForward = from.store === to.store && to.sequence >= from.sequence;
    const words = () => `a frame leads from ${formatCursor(from)} to ${formatCursor(to)}`;
    verdict.expect(10, isForward, words);
    history.framed(from, to, new Set([...comments.map(({ id }) => id), ...removed]));
  }
}
