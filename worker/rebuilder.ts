/**
 * The single writer of a wall: finds what is new in the ledger every 3 seconds, gives each change
 * its sequence, journals it before anyone sees it, and publishes the newest 500.
 *
 * Plain code: clock, ledger, journal, spare and alarm are passed in, so that it runs in the real
 * runtime and under simulation without a line changed.
 */

import type { Sync } from "#schema/change";
import {
  type Comment,
  isStoredComment,
  type StoredComment,
  type StoredRecord,
} from "#schema/comment";
import { type Cursor, formatCursor } from "#schema/cursor";
import { compareIds, timestampOf } from "#schema/id";
import {
  CACHE_LATE_MS,
  CHANGE_LOG_SIZE,
  CLOCK_SKEW_MS,
  NONCE_LIFETIME_MS,
  REBUILD_INTERVAL_MS,
  UNSETTLED_ID_MS,
  WINDOW_SIZE,
} from "#schema/limits";
import type { Moderation } from "#schema/moderation";
import type { PendingQuery, Read } from "#schema/read";
import { serialiseSpare } from "#schema/spare";
import type { Status } from "#schema/status";
import { chunks } from "./chunks";
import { type Claim, Claims } from "./claims";
import type { Clock } from "./clock";
import { Durations } from "./durations";
import { type Journal, type JournalHead, ROW_RECORDS_MAX } from "./journal/journal";
import type { Ledger, Spare } from "./ledger/ledger";
import type { Log } from "./log";
import { ModerationDesk, type ModerationStore } from "./moderation";
import type { Operations } from "./operations";
import type { Overlay, Stretch } from "./overlay";
import type { Sender } from "./senders";
import { type Proposal, removal, toComment, WallState, withProcessed } from "./wall-state";

/** Records that one rebuild reads at most: five bulk gets; the rest waits for the next one. */
const READ_MAX = WINDOW_SIZE;

/** List pages that one rebuild asks for at most, while merged and skipped keys fill them. */
const LIST_PAGES_MAX = 4;

/** How long lists may hide a key: KV speaks of a minute "or more". */
const LIST_LAG_MAX_MS = 5 * 60_000;

/** Five minutes at 1,000 messages a minute, and a page for what is not a comment. */
const SWEEP_PAGES_MAX = 6;

/** One key takes one write a second. */
const KEY_WRITE_SPACING_MS = 1_000;

/** Keys written at once, and after one rebuild: within one invocation's 1,000 operations. */
const KEY_WRITES_AT_ONCE = 6;
const KEY_WRITES_MAX = 300;

/** How often what is outdated is let go. */
const FORGET_INTERVAL_MS = 60_000;

/** How long a rebuild waits so that two publications stand 3 s apart, rather than leave one out. */
const PUBLISH_WAIT_MAX_MS = 500;

/** Within this a write that failed, or whose sender ended, may yet take effect, over a newer one. */
const LATE_PUT_MS = 2 * 60_000;

export interface Alarm {
  /** When the alarm is due, in ms, or `null`. */
  get(): Promise<number | null>;
  set(time: number): Promise<void>;
}

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

/** What is known of an id: a comment, nothing yet, or nothing ever again. */
export type Found = { state: "found"; comment: Comment } | NotFound;

export type NotFound = { state: "unsettled" } | { state: "absent" };

/** What came of a claim: another bot's lives, or nobody is to work on it any more. */
export type Claimed = Found | { state: "taken" } | { state: "processed" };

export type Released = Found | { state: "taken" };

export type Removed = { state: "removed" } | NotFound;

/** A bot's message: the first one of its nonce, be it this one or an earlier one. */
export interface Accepted {
  comment: StoredComment;
  isNew: boolean;
  /** Whether its own key holds it. */
  isStored: boolean;
}

export class Rebuilder {
  readonly #parts: RebuilderParts;
  readonly #state: WallState;
  readonly #claims = new Claims();
  readonly #desk: ModerationDesk;
  /** Comments that a notice brought and no answer has shown. */
  readonly #arrivals = new Map<string, StoredComment>();
  /** Listed ids whose record is still to be read, and since when. */
  readonly #awaited = new Map<string, number>();
  /** Listed ids whose record is no comment to show: not read again while they are listed. */
  readonly #passedOver = new Map<string, "corrupt" | "gone">();
  #foreign = 0;
  /** Ids with a nonce since the journal's current generation began. */
  #generationNonces: string[] = [];
  #generationChanges = 0;
  #rebuildUnderWay: Promise<void> | null = null;
  #writingKeys = false;
  #rebuiltAt = 0;
  #rebuildStartedAt = 0;
  #publishing = false;
  #publishedAt = 0;
  #publishedSequence = -1;
  /** When what is published is published once more, lest a late put has undone it. */
  #publishAgainAt: number;
  #forgotAt = 0;
  #lastFailed = false;
  #rebuilds = 0;
  #failedRebuilds = 0;
  readonly #durations = new Durations();
  /** When the next write of a key is due, for keys written or changed in the last second. */
  readonly #keyDueAt = new Map<string, number>();

  constructor(parts: RebuilderParts) {
    this.#parts = parts;
    const now = parts.clock.now();
    this.#publishAgainAt = now + LATE_PUT_MS;
    const generations = parts.journal.read();
    const archives = parts.journal.nonces(now - NONCE_LIFETIME_MS);
    this.#state = WallState.restore(parts.head, archives, generations, now);
    this.#desk = new ModerationDesk(parts.moderation, parts.clock);
    for (const claim of parts.journal.claims()) this.#claims.put(claim);
    for (const row of generations.at(-1) ?? []) {
      if (row.kind !== "changes") continue;
      this.#rebuiltAt = Math.max(this.#rebuiltAt, row.rebuiltAt);
      this.#noteGeneration(row.changes.map(({ record }) => record));
    }
  }

  /** The alarm: arms the next one first, then rebuilds. Only a storage that refuses makes it throw. */
  async tick(): Promise<void> {
    await this.#arm();
    await this.rebuild();
  }

  /**
   * The cron: arms an alarm that was lost or is overdue, rebuilds when the cache is late, and looks
   * for what rebuilds could not see.
   */
  async watch(): Promise<void> {
    const due = await this.#parts.alarm.get();
    const now = this.#parts.clock.now();
    const armed = due !== null && due > now - CACHE_LATE_MS;
    if (!armed || this.#isLate()) {
      this.#parts.log("watchdog", { armed, ageMs: now - this.#rebuiltAt });
      await this.tick();
    }
    try {
      await this.#sweep();
    } catch (error) {
      this.#parts.log("sweep failed", { error });
    }
  }

  /** One rebuild at a time: who comes while one runs waits for that one. Never throws. */
  rebuild(): Promise<void> {
    this.#rebuildUnderWay ??= this.#rebuildOnce().finally(() => {
      this.#rebuildUnderWay = null;
    });
    return this.#rebuildUnderWay;
  }

  /** Takes a comment that the ledger has. A hint: it is shown, and journaled, with the next answer. */
  notice(comment: StoredComment): void {
    this.#parts.operations.count("notice");
    if (comment.sequence > 0 && this.#state.known(comment.id)) this.#keyHolds(comment);
    else this.#arrivals.set(comment.id, comment);
    this.#healIfLate();
  }

  /** What changed after `since`; the whole window where that can't be told. */
  async sync(since?: Cursor): Promise<Sync> {
    this.#parts.operations.count("sync");
    await this.#beBuilt();
    this.#commit();
    const { view } = this.#state;
    const { store, sequence, floor } = view;
    const head: Sync = { store, sequence, floor, rebuiltAt: this.#rebuiltAt };
    if (this.#desk.isPaused) head.paused = true;
    return since && since.store === store && since.sequence >= floor
      ? { ...head, changes: view.logSince(since.sequence) }
      : { ...head, window: [...view.window] };
  }

  /** What is known of a stretch of the past whose ids the ledger listed. */
  async overlay({ after, until, max }: Stretch, listed: readonly string[]): Promise<Overlay> {
    this.#parts.operations.count("overlay");
    await this.#beBuilt();
    this.#commit();
    const { held } = this.#state;
    const unheld = listed.filter((id) => held.get(id) === undefined);
    return { held: held.between(after, until, max), marks: this.#state.marksOf(unheld) };
  }

  async find(id: string): Promise<Found> {
    this.#parts.operations.count("find");
    const comment = this.#asOfNow(await this.#look(id));
    if (!comment) return this.#notFound(id);
    const claim = this.#claims.live(comment.id, this.#parts.clock.now());
    return { state: "found", comment: withClaim(toComment(comment), claim) };
  }

  /** Sets a comment's processed flag; acknowledged from the journal, its key follows. */
  async patch(id: string, processed: boolean): Promise<Found> {
    this.#parts.operations.count("patch");
    this.#healIfLate();
    const comment = this.#asOfNow(await this.#look(id));
    if (!comment) return this.#notFound(id);
    if (comment.botParams.processed === processed)
      return { state: "found", comment: toComment(comment) };
    const record = withProcessed(comment, processed);
    this.#commit([{ record, unwritten: true }]);
    return { state: "found", comment: toComment(record) };
  }

  /** Gives the comment to one bot for a while, unless another has it or it is processed. */
  async claim(id: string, bot: string, seconds: number): Promise<Claimed> {
    const { clock, journal, operations } = this.#parts;
    operations.count("claim");
    this.#healIfLate();
    const comment = this.#asOfNow(await this.#look(id));
    if (!comment) return this.#notFound(id);
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
    const comment = this.#asOfNow(await this.#look(id));
    if (!comment) return this.#notFound(id);
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
    this.#healIfLate();
    const comment = this.#asOfNow(await this.#look(id));
    if (comment) {
      this.#takeDown([comment.id]);
      this.#desk.note("remove", comment.id, reason);
    }
    return this.#state.isRemoved(id) ? { state: "removed" } : this.#notFound(id);
  }

  /**
   * Takes down all these comments of one sender, which need not be looked up: who posted them was told
   * their ids. Returns how many were not gone already.
   */
  removeAll(sender: Sender, ids: readonly string[], reason?: string): number {
    this.#parts.operations.count("remove", ids.length);
    this.#healIfLate();
    this.#commit();
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
      this.#publishedSequence = -1;
      void this.#publish();
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
    await this.#beBuilt();
    this.#commit();
    const now = this.#parts.clock.now();
    const taken = new Set(this.#claims.liveIds(now));
    return {
      comments: this.#state.pending.next(query, now, taken).map(toComment),
      removed: [],
      cursor: formatCursor(this.#state.view.cursor),
      rebuiltAt: this.#rebuiltAt,
      gap: false,
    };
  }

  /**
   * Gives a bot's message with a nonce its one id, journaled before it is stored, so that every
   * further attempt is told of the first; `null` while the first can't be read.
   */
  async accept(comment: StoredComment): Promise<Accepted | null> {
    this.#parts.operations.count("accept");
    await this.#beBuilt();
    this.#commit();
    const first = this.#state.nonces.find(comment);
    if (first === undefined) {
      this.#commit([{ record: comment, unwritten: true }]);
      const accepted = this.#state.unwritten.get(comment.id) as StoredComment;
      return { comment: accepted, isNew: true, isStored: false };
    }
    // What was taken down is accepted as often as it is sent, and never stored again.
    const taken = { ...comment, id: first, timestamp: timestampOf(first) };
    if (this.#state.isRemoved(first)) return { comment: taken, isNew: false, isStored: true };
    const known = this.#asOfNow(await this.#look(first));
    if (!known) return null;
    return { comment: known, isNew: false, isStored: !this.#state.unwritten.has(known.id) };
  }

  async status(): Promise<Omit<Status, "ledger">> {
    await this.#beBuilt();
    const ageMs = this.#age();
    return {
      ok: !(ageMs > CACHE_LATE_MS && this.#lastFailed),
      rebuiltAt: this.#rebuiltAt,
      ageMs,
      window: { size: this.#state.view.window.length, capacity: WINDOW_SIZE },
      pending: this.#pendingStatus(),
      rebuilds: {
        count: this.#rebuilds,
        failed: this.#failedRebuilds,
        lastMs: this.#durations.last,
        p50Ms: this.#durations.percentile(0.5),
        p95Ms: this.#durations.percentile(0.95),
      },
      operations: this.#parts.operations.toObject(),
      wall: this.#parts.head.wall,
      version: this.#parts.version,
    };
  }

  /** Copies that were merged away go along: a late write may yet put their words into their keys. */
  #takeDown(ids: readonly string[]): void {
    this.#commit([...ids, ...this.#state.copiesOf(ids)].map(removal));
    void this.#publish();
  }

  #pendingStatus(): Status["pending"] {
    const { pending } = this.#state;
    const taken = this.#claims.liveIds(this.#parts.clock.now()).filter((id) => pending.get(id));
    return { size: pending.size - taken.length, dropped: pending.dropped };
  }

  async #arm(): Promise<void> {
    this.#parts.operations.count("alarm_set");
    await this.#parts.alarm.set(this.#parts.clock.now() + REBUILD_INTERVAL_MS);
  }

  #age(): number {
    return Math.max(0, this.#parts.clock.now() - this.#rebuiltAt);
  }

  #isLate(): boolean {
    return this.#age() > CACHE_LATE_MS;
  }

  /** Whoever finds the cache late starts the beat again, and is answered meanwhile. */
  #healIfLate(): void {
    const sinceLast = this.#parts.clock.now() - this.#rebuildStartedAt;
    if (!this.#isLate() || sinceLast < REBUILD_INTERVAL_MS) return;
    this.tick().catch((error) => this.#parts.log("alarm refused", { error }));
  }

  /** A store that was never rebuilt makes its readers wait: half a wall must not pass for a whole one. */
  async #beBuilt(): Promise<void> {
    this.#healIfLate();
    if (this.#rebuiltAt === 0) await this.rebuild();
    if (this.#rebuiltAt === 0) throw new Error("the wall could not be built yet");
  }

  async #rebuildOnce(): Promise<void> {
    const { clock, operations, log } = this.#parts;
    const startedAt = clock.now();
    const before = operations.ledger();
    this.#rebuildStartedAt = startedAt;
    try {
      const found = await this.#findNew();
      for (const comment of found) this.#arrivals.set(comment.id, comment);
      const added = this.#commit();
      this.#rebuiltAt = clock.now();
      this.#lastFailed = false;
      this.#rebuilds += 1;
      await this.#publish();
      const ms = clock.now() - startedAt;
      this.#durations.add(ms);
      log("cache rebuilt", {
        messages: this.#state.view.window.length,
        new: added,
        skipped: this.#skipped(),
        ms,
        operations: operations.ledgerSince(before),
      });
    } catch (error) {
      this.#lastFailed = true;
      this.#failedRebuilds += 1;
      log("rebuild failed", { error, operations: operations.ledgerSince(before) });
    }
    void this.#writeKeys();
    this.#forget();
  }

  /** The comments among the newest keys that are not held yet. */
  async #findNew(): Promise<StoredComment[]> {
    await this.#listNewest();
    const newestFirst = [...this.#awaited.keys()].sort(compareIds);
    const entries = await this.#parts.ledger.read(newestFirst.slice(0, READ_MAX));
    const comments: StoredComment[] = [];
    for (const [id, entry] of entries) {
      // A listed key whose value is not there yet is asked for again by the next rebuild.
      if (entry === null) continue;
      this.#awaited.delete(id);
      if (entry === "corrupt") this.#passedOver.set(id, "corrupt");
      else if (isStoredComment(entry)) comments.push(entry);
      else this.#passOver(entry);
    }
    return comments;
  }

  /** What is left of a comment stands in its key: from before what is remembered, or of another store. */
  #passOver(record: Exclude<StoredRecord, StoredComment>): void {
    this.#passedOver.set(record.id, "gone");
    if ("removed" in record) this.#state.recallRemoval(record, this.#parts.clock.now());
  }

  /** Notes which listed ids are to be read. One list; more only while too few of a page's keys are comments. */
  async #listNewest(): Promise<void> {
    const listed = new Set<string>();
    let live = 0;
    let next: string | null | undefined;
    this.#foreign = 0;
    for (let page = 0; page < LIST_PAGES_MAX && next !== null && live < WINDOW_SIZE; page += 1) {
      const { ids, foreign, next: further } = await this.#parts.ledger.newest(next);
      next = further;
      this.#foreign += foreign;
      for (const id of ids) listed.add(id);
      live += this.#await(ids);
    }
    for (const id of this.#passedOver.keys()) if (!listed.has(id)) this.#passedOver.delete(id);
    const outdated = this.#parts.clock.now() - UNSETTLED_ID_MS;
    for (const [id, since] of this.#awaited)
      if (this.#isKnown(id) || since < outdated) this.#awaited.delete(id);
  }

  /**
   * Lists beyond a rebuild's one page, as far back as a key may have been hidden from lists: finds
   * what was written in numbers while nobody listed, and keys that were listed too late for the page.
   */
  async #sweep(): Promise<void> {
    // A wall that holds nothing yet begins with its newest page, however long its past.
    if (this.#state.held.size === 0) return;
    const settled = this.#parts.clock.now() - LIST_LAG_MAX_MS;
    let next: string | null | undefined;
    for (let page = 0; page < SWEEP_PAGES_MAX && next !== null; page += 1) {
      const listed = await this.#parts.ledger.newest(next, "sweep");
      this.#await(listed.ids);
      const oldest = listed.ids.at(-1);
      if (oldest === undefined || timestampOf(oldest) < settled) return;
      next = listed.next;
    }
  }

  /** Notes which of these ids are to be read. Returns how many are comments. */
  #await(ids: readonly string[]): number {
    const now = this.#parts.clock.now();
    const live = ids.filter((id) => !this.#passedOver.has(id) && !this.#state.isGone(id));
    for (const id of live)
      if (!this.#isKnown(id) && !this.#awaited.has(id)) this.#awaited.set(id, now);
    return live.length;
  }

  #isKnown(id: string): boolean {
    const { held } = this.#state;
    const isShown = held.get(id) !== undefined || this.#state.isGone(id);
    return isShown || this.#arrivals.has(id) || held.isBeyond(id);
  }

  /**
   * Gives arrivals and proposals their sequences, journals them as one row, and only then lets
   * them be seen. Synchronous: nothing comes between. Returns how many changes there were.
   */
  #commit(proposals: readonly Proposal[] = []): number {
    const arrived = this.#state.propose([...this.#arrivals.values()]);
    const all = [...arrived, ...proposals];
    const committed = this.#journal(all);
    this.#arrivals.clear();
    const takesAway = all.some(({ record }) => !isStoredComment(record));
    return takesAway ? committed + this.#journal(this.#state.proposeReentries()) : committed;
  }

  #journal(proposals: readonly Proposal[]): number {
    const { journal, clock } = this.#parts;
    const now = clock.now();
    const changes = this.#state.sequenced(proposals);
    for (const part of chunks(changes, ROW_RECORDS_MAX)) {
      journal.append({ kind: "changes", rebuiltAt: this.#rebuiltAt, changes: part });
      for (const change of part) {
        this.#state.apply(change, now);
        if (change.unwritten) this.#keyDueAt.set(change.record.id, now + KEY_WRITE_SPACING_MS);
        this.#followClaim(change.record, now);
      }
      const gone = part.flatMap(({ record }) => ("removed" in record ? record.id : []));
      if (gone.length > 0) journal.erase(gone);
      this.#noteGeneration(part.map(({ record }) => record));
    }
    if (this.#generationChanges >= CHANGE_LOG_SIZE) this.#rotate();
    return changes.length;
  }

  /** Who processed a comment needs it no more; of two copies the one that stays is claimed. */
  #followClaim(record: StoredRecord, now: number): void {
    const { id } = record;
    const isOver = !isStoredComment(record) || record.botParams.processed;
    if (!isOver || !this.#claims.has(id)) return;
    const { journal } = this.#parts;
    const live = this.#claims.live(id, now);
    journal.endClaim(id);
    this.#claims.end(id);
    if (!live || !("mergedInto" in record) || this.#claims.live(record.mergedInto, now)) return;
    const moved = { ...live, id: record.mergedInto };
    journal.claim(moved);
    this.#claims.put(moved);
  }

  #noteGeneration(records: readonly StoredRecord[]): void {
    this.#generationChanges += records.length;
    for (const record of records)
      if ("removed" in record || ("nonce" in record && record.nonce !== undefined))
        this.#generationNonces.push(record.id);
  }

  #rotate(): void {
    const ids = this.#generationNonces;
    const newest = ids.reduce((latest, id) => Math.max(latest, timestampOf(id)), 0);
    this.#parts.journal.rotate(this.#state.checkpoint(), { newest, ids });
    this.#generationNonces = [];
    this.#generationChanges = 0;
  }

  /** The comment as it is, under whichever of its ids it was asked for. */
  async #look(id: string): Promise<StoredComment | null> {
    this.#commit();
    const known = this.#state.canonical(id);
    if (this.#state.isRemoved(known)) return null;
    const remembered = this.#state.known(known);
    if (remembered) return remembered;
    const entry = (await this.#parts.ledger.read([known])).get(known) ?? null;
    if (entry === null || entry === "corrupt") return null;
    if ("mergedInto" in entry) return this.#look(entry.mergedInto);
    if ("removed" in entry) {
      this.#state.recallRemoval(entry, this.#parts.clock.now());
      return null;
    }
    // At 500 messages a minute and more a comment is let go before it is settled: nothing is taken twice.
    if (this.#isUnsettled(known) && !this.#state.held.isBeyond(known)) {
      // So young that its notice is on its way or was lost: shown from now on, once for its nonce.
      this.#arrivals.set(known, entry);
      this.#commit();
      return this.#state.known(this.#state.canonical(known)) ?? null;
    }
    return this.#state.withMarks(entry);
  }

  /** A comment that was looked up, as it is now: looking may have waited for a patch, a merge or a removal. */
  #asOfNow(looked: StoredComment | null): StoredComment | null {
    if (!looked || this.#state.isRemoved(looked.id)) return null;
    const known = this.#state.known(this.#state.canonical(looked.id));
    return this.#state.withMarks(known ?? looked);
  }

  #notFound(id: string): NotFound {
    const mayCome = this.#isUnsettled(id) && !this.#state.isRemoved(id);
    return { state: mayCome ? "unsettled" : "absent" };
  }

  /** Whether an id is so young that the ledger need not show it yet. */
  #isUnsettled(id: string): boolean {
    const age = this.#parts.clock.now() - timestampOf(id);
    return age <= UNSETTLED_ID_MS && age >= -CLOCK_SKEW_MS;
  }

  /** Publishes the newest 500 when they changed, at most once in 3 s. Its failure harms nothing. */
  async #publish(): Promise<void> {
    const { clock, spare, log } = this.#parts;
    const { view } = this.#state;
    const isDueAgain = clock.now() >= this.#publishAgainAt;
    if (view.sequence === this.#publishedSequence && !isDueAgain) return;
    const wait = this.#publishedAt + REBUILD_INTERVAL_MS - clock.now();
    if (wait > PUBLISH_WAIT_MAX_MS || this.#publishing) return;
    this.#publishing = true;
    try {
      if (wait > 0) await clock.sleep(wait);
      const { sequence } = view;
      this.#publishedAt = clock.now();
      await spare.publish(serialiseSpare(view, this.#rebuiltAt, this.#desk.isPaused));
      this.#publishedSequence = sequence;
      if (isDueAgain) this.#publishAgainAt = Number.POSITIVE_INFINITY;
    } catch (error) {
      this.#publishAgainAt = clock.now() + LATE_PUT_MS;
      log("publish failed", { error });
    } finally {
      this.#publishing = false;
    }
  }

  /** Brings the keys of changed comments up to date; what fails is tried again after a later rebuild. */
  async #writeKeys(): Promise<void> {
    if (this.#writingKeys) return;
    this.#writingKeys = true;
    const { clock, journal, ledger, log } = this.#parts;
    try {
      const now = clock.now();
      const due = [...this.#state.unwritten.values()]
        .filter(({ id }) => (this.#keyDueAt.get(id) ?? 0) <= now)
        .slice(0, KEY_WRITES_MAX);
      for (const records of chunks(due, KEY_WRITES_AT_ONCE)) {
        const written = await Promise.all(records.map((record) => this.#writeKey(ledger, record)));
        const done = written
          .filter((entry) => entry !== null)
          .filter((entry) => this.#isFinal(entry));
        if (done.length === 0) continue;
        journal.append({ kind: "written", records: done });
        for (const [id, sequence] of done) this.#state.settle(id, sequence);
      }
    } catch (error) {
      log("keys not written", { error });
    } finally {
      this.#writingKeys = false;
    }
  }

  /** A bot's message was journaled before it was stored; now its key need not be written from here. */
  #keyHolds({ id, sequence }: StoredComment): void {
    const unwritten = this.#state.unwritten.get(id);
    if (!unwritten || unwritten.sequence > sequence) return;
    this.#parts.journal.append({ kind: "written", records: [[id, sequence]] });
    this.#state.settle(id, sequence);
  }

  /**
   * Whether a key need not be written again. That of a removal is, once no earlier write can take
   * effect over it any more.
   */
  #isFinal([id, sequence]: [string, number]): boolean {
    const record = this.#state.unwritten.get(id);
    if (!record || record.sequence !== sequence || !("removed" in record)) return true;
    const lastsFrom = this.#state.removedAt(id) + LATE_PUT_MS;
    if (this.#parts.clock.now() >= lastsFrom) return true;
    this.#keyDueAt.set(id, lastsFrom);
    return false;
  }

  async #writeKey(ledger: Ledger, record: StoredRecord): Promise<[string, number] | null> {
    try {
      await ledger.write(record);
      return [record.id, record.sequence];
    } catch (error) {
      this.#parts.log("key not written", { id: record.id, error });
      return null;
    } finally {
      this.#keyDueAt.set(record.id, this.#parts.clock.now() + KEY_WRITE_SPACING_MS);
    }
  }

  #skipped(): number {
    const corrupt = [...this.#passedOver.values()].filter((why) => why === "corrupt").length;
    return corrupt + this.#foreign;
  }

  #forget(): void {
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
    for (const [id, due] of this.#keyDueAt) if (due <= now) this.#keyDueAt.delete(id);
  }
}

function withClaim(comment: Comment, claim: Claim | undefined): Comment {
  if (!claim) return comment;
  const { bot: claimedBy, until: claimedUntil } = claim;
  return { ...comment, botParams: { ...comment.botParams, claimedBy, claimedUntil } };
}
