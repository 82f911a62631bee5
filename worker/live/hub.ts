/**
 * Sends every open socket what was committed since the last frame: one frame, serialised once, the same bytes for all.
 *
 * Plain code: clock, sockets and writer are passed in. It keeps nothing about a socket that hibernation must not lose,
 * and no comment: each frame is read from the writer's log when it is sent.
 */
import { type Cursor, formatCursor, parseCursor } from "#schema/cursor";
import { PAGE_POLL_INTERVAL_MS, WINDOW_SIZE } from "#schema/limits";
import { CLOSE, LIVE_UNSEEN_MAX_BYTES } from "#schema/live/messages";
import type { Read } from "#schema/read";
import type { Clock } from "../platform/clock";
import type { Log } from "../platform/log";
import type { LiveCounts } from "./counts";
import type { LiveSocket } from "./socket";

/** At most 20 % of a core: a frame to one socket costs 25 µs of CPU. */
export const FRAMES_PER_SECOND_MAX = 5_000;

/** A larger frame ends early, and the next one continues it: three in a row stay below what a socket may owe. */
export const FRAME_MAX_BYTES = LIVE_UNSEEN_MAX_BYTES / 4;

/** When more than this is left after a frame, it says `more`: its readers poll, and the next frame skips the rest. */
const LEFT_MAX_BYTES = 2 * FRAME_MAX_BYTES;

/** A page polls at least this often though its channel vouches, in seconds. */
const AUDIT_MIN_S = 60;

/**
 * Keeps the audits of all pages under 7.5 million requests a month: 2,628,000 s / 7,500,000. The other 2.5 million that
 * the plan includes are for opening channels.
 */
const AUDIT_S_PER_SOCKET = 0.35;

/** The writer, as the hub reads it. */
export interface LiveSource {
  readonly cursor: Cursor;
  /** Commits comments that were noticed and not committed yet. @throws when the storage rejects the write. */
  commit(): void;
  /** The answer to a poll with this cursor. */
  read(since: Cursor, limit: number): Read;
  /** An upper estimate of the size of the changes after this sequence, in bytes. */
  bytesSince(sequence: number): number;
}

export interface HubParts {
  clock: Clock;
  log: Log;
  sockets: () => readonly LiveSocket[];
  source: LiveSource;
  counts: LiveCounts;
  /** The shortest time between two frames with changes, in ms. */
  intervalMs: number;
  /** Sent with the first frame. */
  terms: { posts: boolean; beatS?: number };
}

export class Hub {
  readonly #parts: HubParts;
  /** Every open socket was sent, or started from, everything up to this cursor. */
  #told: Cursor;
  #toldAt = Number.NEGATIVE_INFINITY;
  /** A timer runs; there is none while there is nothing to send, since it would prevent hibernation. */
  #isDue = false;
  #isEnded = false;

  /** Make it before the first commit: an earlier incarnation has sent everything that the journal has. */
  constructor(parts: HubParts) {
    this.#parts = parts;
    this.#told = parts.source.cursor;
  }

  /** Something was committed, or waits to be. Never throws, and sends nothing before its caller has returned. */
  changed(): void {
    if (this.#isDue || this.#isEnded) return;
    const { clock, sockets, source } = this.#parts;
    const count = sockets().length;
    if (count === 0) {
      this.#told = source.cursor;
      return;
    }
    this.#isDue = true;
    const interval = this.#intervalMs(count);
    const since = clock.now() - this.#toldAt;
    // A clock that was set back must not delay the frame.
    const wait = since < 0 ? 0 : Math.max(0, interval - since);
    void clock.sleep(wait).then(() => this.#tell());
  }

  /** The cache was rebuilt: on `kv` a frame without changes says so, and delays no batch. Never throws. */
  rebuilt(): void {
    if (this.#isEnded) return;
    const toldAt = this.#toldAt;
    const isEmpty = this.#isTold;
    this.#send();
    if (isEmpty) this.#toldAt = toldAt;
  }

  /**
   * Sends a new socket its first frame: the answer to `since`, and the terms. A page that is far behind polls: its
   * changes would have to be serialised for it alone, and a poll gets them from an entrypoint.
   */
  welcome(socket: LiveSocket, since: Cursor): void {
    const { sockets, source, terms } = this.#parts;
    socket.unseen = 0;
    const isFar = source.bytesSince(since.sequence) > FRAME_MAX_BYTES;
    const read = source.read(since, isFar ? 0 : WINDOW_SIZE);
    this.#deliver(socket, this.#frame(since, { ...read, ...terms }, sockets().length));
  }

  /** Sends one socket an answer to its own message. */
  answer(socket: LiveSocket, message: unknown): void {
    this.send([socket], [message]);
  }

  /** Sends some sockets the same messages. */
  send(sockets: readonly LiveSocket[], messages: readonly unknown[]): void {
    const texts = messages.map((message) => withSize(JSON.stringify(message)));
    for (const socket of sockets) for (const text of texts) this.#deliver(socket, text);
  }

  /** The page has received everything up to this sequence. */
  seen(socket: LiveSocket, sequence: number): void {
    const { source } = this.#parts;
    const { note } = socket;
    // A page that came from far behind confirms less than what it was never sent.
    const seen = Math.max(note.seen, Math.min(sequence, source.cursor.sequence));
    if (seen !== note.seen) socket.note = { ...note, seen };
    if (socket.unseen === Number.POSITIVE_INFINITY) return;
    const since = source.bytesSince(seen);
    socket.unseen = Math.min(socket.unseen ?? since, since);
  }

  close(socket: LiveSocket, code: number, reason: string): void {
    this.#parts.counts.countClosed(socket, code);
    socket.unseen = Number.POSITIVE_INFINITY;
    try {
      socket.close(code, reason);
    } catch {
      // It is closed already.
    }
  }

  /** Closes all sockets, and sends nothing from now on. */
  end(code: number, reason: string): void {
    this.#isEnded = true;
    for (const socket of this.#parts.sockets()) this.close(socket, code, reason);
  }

  #tell(): void {
    const { source, log } = this.#parts;
    if (this.#isEnded) return;
    try {
      source.commit();
    } catch (error) {
      log("batch not committed", { error });
    }
    this.#isDue = false;
    if (!this.#isTold) this.#send();
  }

  get #isTold(): boolean {
    const { store, sequence } = this.#parts.source.cursor;
    return this.#told.store === store && this.#told.sequence === sequence;
  }

  #send(): void {
    const { clock, log, sockets, source, counts } = this.#parts;
    try {
      const all = sockets();
      if (all.length > 0) {
        const { frame, cursor } = this.#next(all.length);
        for (const socket of all) this.#deliver(socket, frame);
        counts.frames += all.length;
        counts.bytes += all.length * frame.bytes;
        this.#told = cursor;
      } else this.#told = source.cursor;
      this.#toldAt = clock.now();
      if (!this.#isTold) this.changed();
    } catch (error) {
      log("frame not sent", { error });
    }
  }

  /** The frame that continues from the last one, and the cursor that the next one continues from. */
  #next(sockets: number) {
    const { source } = this.#parts;
    for (let limit = WINDOW_SIZE; ; limit = Math.floor(limit / 2)) {
      const { more, ...read } = source.read(this.#told, limit);
      const end = parseCursor(read.cursor) ?? source.cursor;
      const skipsRest = more === true && source.bytesSince(end.sequence) > LEFT_MAX_BYTES;
      const frame = this.#frame(this.#told, skipsRest ? { ...read, more } : read, sockets);
      if (frame.bytes <= FRAME_MAX_BYTES || limit === 1)
        return { frame, cursor: skipsRest ? source.cursor : end };
    }
  }

  /** Each frame names the time between audits, since it depends on the number of open sockets. */
  #frame(since: Cursor, read: object, sockets: number) {
    const auditS = Math.max(AUDIT_MIN_S, Math.ceil(sockets * AUDIT_S_PER_SOCKET));
    return withSize(JSON.stringify({ since: formatCursor(since), auditS, ...read }));
  }

  /** Never throws: a socket that fails is closed, and its page polls. */
  #deliver(socket: LiveSocket, { text, bytes }: { text: string; bytes: number }): void {
    try {
      const unseen = socket.unseen ?? this.#parts.source.bytesSince(socket.note.seen);
      if (unseen === Number.POSITIVE_INFINITY) return;
      if (unseen + bytes > LIVE_UNSEEN_MAX_BYTES) {
        this.close(socket, CLOSE.tryAgainLater, "too slow");
        return;
      }
      socket.unseen = unseen + bytes;
      socket.send(text);
    } catch {
      this.close(socket, CLOSE.tryAgainLater, "not sent");
    }
  }

  /** It grows with the number of sockets, up to the interval of a poll. */
  #intervalMs(sockets: number): number {
    const forAll = (sockets * 1_000) / FRAMES_PER_SECOND_MAX;
    return Math.min(PAGE_POLL_INTERVAL_MS, Math.max(this.#parts.intervalMs, forAll));
  }
}

function withSize(text: string): { text: string; bytes: number } {
  return { text, bytes: new TextEncoder().encode(text).length };
}
