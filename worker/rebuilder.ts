/**
 * The single writer of a wall: finds what is new in the ledger every 3 seconds, gives each change
 * its sequence, journals it before anyone sees it, and publishes the newest 500.
 *
 * Plain code: clock, ledger, journal, spare and alarm are passed in, so that it runs in the real
 * runtime and under simulation without a line changed.
 */

import type { Sync } from "#schema/change";
import type { Comment, StoredComment } from "#schema/comment";
import { type Cursor, formatCursor } from "#schema/cursor";
import { timestampOf } from "#schema/id";
import { CLOCK_SKEW_MS, NONCE_LIFETIME_MS, WINDOW_SIZE } from "#schema/limits";
import type { Moderation } from "#schema/moderation";
import type { PendingQuery, Read } from "#schema/read";
import type { Status } from "#schema/status";
import type { Accepted, Claimed, Found, Released, Removed } from "./answers";
import { type Alarm, Beat } from "./beat";
import { Chronicle } from "./chronicle";
import { type Claim, Claims } from "./claims";
import type { Clock } from "./clock";
import type { Journal, JournalHead, JournalRow } from "./journal/journal";
import { KeyWriter } from "./ledger/key-writer";
import type { Ledger, Spare } from "./ledger/ledger";
import { Search } from "./ledger/search";
import type { Log } from "./log";
import { Lookup } from "./lookup";
import { ModerationDesk, type ModerationStore } from "./moderation";
import type { Operations } from "./operations";
import type { Overlay, Stretch } from "./overlay";
import { Publisher } from "./publisher";
import type { Sender } from "./senders";
import { removal, toComment, WallState, withProcessed } from "./wall-state";

/** How often what is outdated is let go. */
const FORGET_INTERVAL_MS = 60_000;

export interface RebuilderParts {
  head: JournalHead;
  clock: Clock;
  ledger: Ledger;
  spare: Spare;
  journal: Journal;
  moderation: ModerationStore;
  alarm: Alarm;
  operations: Operations;
  log: Log;
  version: string;
}

export class Rebuilder {
  readonly #parts: RebuilderParts;
  readonly #state: WallState;
  readonly #claims = new Claims();
  readonly #chronicle: Chronicle;
  readonly #lookup: Lookup;
  readonly #search: Search;
  readonly #keys: KeyWriter;
  readonly #publisher: Publisher;
  readonly #beat: Beat;
  readonly #desk: ModerationDesk;
  #forgotAt = 0;

  constructor(parts: RebuilderParts) {
    this.#parts = parts;
    const { head, clock, journal, ledger } = parts;
    const now = clock.now();
    const generations = journal.read();
    const archives = journal.nonces(now - NONCE_LIFETIME_MS);
    const rows = generations.at(-1) ?? [];
    this.#state = WallState.restore(head, archives, generations, now);
    this.#desk = new ModerationDesk(parts.moderation, clock);
    for (const claim of journal.claims()) this.#claims.put(claim);
    const state = this.#state;
    const rebuiltAt = () => this.#beat.rebuiltAt;
    this.#keys = new KeyWriter({ ...parts, state });
    this.#chronicle = new Chronicle(
      {
        clock,
        journal,
        state,
        claims: this.#claims,
        rebuiltAt,
        onUnwritten: (id) => this.#keys.space(id),
      },
      rows,
    );
    this.#lookup = new Lookup({ clock, ledger, state, chronicle: this.#chronicle });
    const hasArrived = (id: string) => this.#chronicle.hasArrived(id);
    this.#search = new Search({ clock, ledger, state, hasArrived });
    const isPaused = () => this.#desk.isPaused;
    this.#publisher = new Publisher({ ...parts, state, rebuiltAt, isPaused });
    this.#beat = new Beat({
      ...parts,
      rebuiltAt: rebuiltAtOf(rows),
      work: {
        bring: () => this.#bring(),
        publish: () => this.#publisher.publish(),
        sweep: () => this.#search.sweep(),
        tidy: () => this.#tidy(),
        outcome: () => ({
          messages: state.view.window.length,
          skipped: this.#search.skipped,
        }),
      },
    });
  }

  /** The alarm. Only a storage that refuses makes it throw. */
  tick(): Promise<void> {
    return this.#beat.tick();
  }

  /** The cron. */
  watch(): Promise<void> {
    return this.#beat.watch();
  }

  /** Never throws. */
  rebuild(): Promise<void> {
    return this.#beat.rebuild();
  }

  /** Takes a comment that the ledger has. A hint: it is shown, and journaled, with the next answer. */
  notice(comment: StoredComment): void {
    this.#parts.operations.count("notice");
    if (comment.sequence > 0 && this.#state.known(comment.id)) this.#keys.holds(comment);
    else this.#chronicle.arrive(comment);
    this.#beat.healIfLate();
  }

  /** What changed after `since`; the whole window where that can't be told. */
  async sync(since?: Cursor): Promise<Sync> {
    this.#parts.operations.count("sync");
    await this.#beat.beBuilt();
    this.#chronicle.commit();
    const { view } = this.#state;
    const { store, sequence, floor } = view;
    const head: Sync = { store, sequence, floor, rebuiltAt: this.#beat.rebuiltAt };
    if (this.#desk.isPaused) head.paused = true;
    return since && since.store === store && since.sequence >= floor
      ? { ...head, changes: view.logSince(since.sequence) }
      : { ...head, window: [...view.window] };
  }

  /** What is known of a stretch of the past whose ids the ledger listed. */
  async overlay({ after, until, max }: Stretch, listed: readonly string[]): Promise<Overlay> {
    this.#parts.operations.count("overlay");
    await this.#beat.beBuilt();
    this.#chronicle.commit();
    const { held } = this.#state;
    const unheld = listed.filter((id) => held.get(id) === undefined);
    return { held: held.between(after, until, max), marks: this.#state.marksOf(unheld) };
  }

  async find(id: string): Promise<Found> {
    this.#parts.operations.count("find");
    const comment = await this.#lookup.find(id);
    if (!comment) return this.#lookup.notFound(id);
    const claim = this.#claims.live(comment.id, this.#parts.clock.now());
    return { state: "found", comment: withClaim(toComment(comment), claim) };
  }

  /** Sets a comment's processed flag; acknowledged from the journal, its key follows. */
  async patch(id: string, processed: boolean): Promise<Found> {
    this.#parts.operations.count("patch");
    this.#beat.healIfLate();
    const comment = await this.#lookup.find(id);
    if (!comment) return this.#lookup.notFound(id);
    if (comment.botParams.processed === processed)
      return { state: "found", comment: toComment(comment) };
    const record = withProcessed(comment, processed);
    this.#chronicle.commit([{ record, unwritten: true }]);
    return { state: "found", comment: toComment(record) };
  }

  /** Gives the comment to one bot for a while, unless another has it or it is processed. */
  async claim(id: string, bot: string, seconds: number): Promise<Claimed> {
    const { clock, journal, operations } = this.#parts;
    operations.count("claim");
    this.#beat.healIfLate();
    const comment = await this.#lookup.find(id);
    if (!comment) return this.#lookup.notFound(id);
    if (comment.botParams.processed) return { state: "processed" };
    const now = clock.now();
    const live = this.#claims.live(comment.id, now);
    if (live && live.bot !== bot) return { state: "taken" };
    const until = Math.max(live?.until ?? 0, now + seconds * 1_000);
    const claim = { id: comment.id, bot, until };
    journal.claim(claim);
    this.#claims.put(claim);
    return { state: "found", comment: withClaim(toComment(comment), claim) };
  }

  /** Gives a claimed comment back. */
  async release(id: string, bot: string): Promise<Released> {
    const { clock, journal, operations } = this.#parts;
    operations.count("release");
    const comment = await this.#lookup.find(id);
    if (!comment) return this.#lookup.notFound(id);
    const live = this.#claims.live(comment.id, clock.now());
    if (live && live.bot !== bot) return { state: "taken" };
    if (live) {
      journal.endClaim(comment.id);
      this.#claims.end(comment.id);
    }
    return { state: "found", comment: toComment(comment) };
  }

  /**
   * Takes a comment down for good: it is in no answer from here on, whatever stale caches and late
   * writes bring. Its words leave the journal at once; its key, and the spare, follow.
   */
  async remove(id: string, reason?: string): Promise<Removed> {
    this.#parts.operations.count("remove");
    this.#beat.healIfLate();
    const comment = await this.#lookup.find(id);
    if (comment) {
      this.#takeDown([comment.id]);
      this.#desk.note("remove", comment.id, reason);
    }
    return this.#state.isRemoved(id) ? { state: "removed" } : this.#lookup.notFound(id);
  }

  /**
   * Takes down all these comments of one sender, which need not be looked up: who posted them was told
   * their ids. Returns how many were not gone already.
   */
  removeAll(sender: Sender, ids: readonly string[], reason?: string): number {
    this.#parts.operations.count("remove", ids.length);
    this.#beat.healIfLate();
    this.#chronicle.commit();
    const known = new Set(ids.map((id) => this.#state.canonical(id)));
    const live = [...known].filter((id) => !this.#state.isGone(id));
    if (live.length > 0) {
      this.#takeDown(live);
      this.#desk.note("remove_sender", sender, reason);
    }
    return live.length;
  }

  /** From the next answer on, entrypoints take no messages, or take them again. */
  pause(paused: boolean, reason?: string): Pick<Moderation, "paused"> {
    this.#parts.operations.count("pause");
    if (this.#desk.pause(paused, reason)) {
      this.#publisher.outdate();
      void this.#publisher.publish();
    }
    return { paused };
  }

  moderation(): Moderation {
    this.#parts.operations.count("moderation");
    return { paused: this.#desk.isPaused, audit: this.#desk.audit() };
  }

  /** What waits for a bot: highest priority first, then oldest. */
  async pending(query: PendingQuery): Promise<Read> {
    this.#parts.operations.count("pending");
    await this.#beat.beBuilt();
    this.#chronicle.commit();
    const now = this.#parts.clock.now();
    const taken = new Set(this.#claims.liveIds(now));
    return {
      comments: this.#state.pending.next(query, now, taken).map(toComment),
      removed: [],
      cursor: formatCursor(this.#state.view.cursor),
      rebuiltAt: this.#beat.rebuiltAt,
      gap: false,
    };
  }

  /**
   * Gives a bot's message with a nonce its one id, journaled before it is stored, so that every
   * further attempt is told of the first; `null` while the first can't be read.
   */
  async accept(comment: StoredComment): Promise<Accepted | null> {
    this.#parts.operations.count("accept");
    await this.#beat.beBuilt();
    this.#chronicle.commit();
    const first = this.#state.nonces.find(comment);
    if (first === undefined) {
      this.#chronicle.commit([{ record: comment, unwritten: true }]);
      const accepted = this.#state.unwritten.get(comment.id) as StoredComment;
      return { comment: accepted, isNew: true, isStored: false };
    }
    // What was taken down is accepted as often as it is sent, and never stored again.
    const taken = { ...comment, id: first, timestamp: timestampOf(first) };
    if (this.#state.isRemoved(first)) return { comment: taken, isNew: false, isStored: true };
    const known = await this.#lookup.find(first);
    if (!known) return null;
    return { comment: known, isNew: false, isStored: !this.#state.unwritten.has(known.id) };
  }

  async status(): Promise<Omit<Status, "ledger">> {
    await this.#beat.beBuilt();
    return {
      ...this.#beat.status(),
      window: { size: this.#state.view.window.length, capacity: WINDOW_SIZE },
      pending: this.#pendingStatus(),
      operations: this.#parts.operations.toObject(),
      wall: this.#parts.head.wall,
      version: this.#parts.version,
    };
  }

  /** Copies that were merged away go along: a late write may yet put their words into their keys. */
  #takeDown(ids: readonly string[]): void {
    this.#chronicle.commit([...ids, ...this.#state.copiesOf(ids)].map(removal));
    void this.#publisher.publish();
  }

  #pendingStatus(): Status["pending"] {
    const { pending } = this.#state;
    const taken = this.#claims.liveIds(this.#parts.clock.now()).filter((id) => pending.get(id));
    return { size: pending.size - taken.length, dropped: pending.dropped };
  }

  /** Brings the comments that the ledger's list names and that nobody noticed. */
  async #bring(): Promise<number> {
    for (const comment of await this.#search.findNew()) this.#chronicle.arrive(comment);
    return this.#chronicle.commit();
  }

  #tidy(): void {
    void this.#keys.write();
    const now = this.#parts.clock.now();
    if (now - this.#forgotAt < FORGET_INTERVAL_MS) return;
    this.#forgotAt = now;
    this.#state.forget(now);
    // A claim that ran out by this clock may live by the next incarnation's, which may be behind.
    const outdated = now - CLOCK_SKEW_MS;
    this.#claims.forget(outdated);
    try {
      this.#parts.journal.forgetClaims(outdated);
    } catch (error) {
      this.#parts.log("claims not forgotten", { error });
    }
    this.#keys.forget(now);
  }
}

/** When the cache was last rebuilt, as far as a generation's rows tell. */
function rebuiltAtOf(rows: readonly JournalRow[]): number {
  return rows.reduce((at, row) => (row.kind === "changes" ? Math.max(at, row.rebuiltAt) : at), 0);
}

function withClaim(comment: Comment, claim: Claim | undefined): Comment {
  if (!claim) return comment;
  const { bot: claimedBy, until: claimedUntil } = claim;
  return { ...comment, botParams: { ...comment.botParams, claimedBy, claimedUntil } };
}
