/**
 * The single writer of a wall: finds what is new in the ledger every 3 seconds, gives each change
 * its sequence, journals it before anyone sees it, and publishes the newest 500.
 *
 * Plain code: clock, ledger, journal, spare and alarm are passed in, so that it runs in the real
 * runtime and under simulation without a line changed.
 */

import type { Sync } from "#schema/change";
import { isStoredComment, type StoredComment, type StoredRecord } from "#schema/comment";
import { type Cursor, formatCursor } from "#schema/cursor";
import { compareIds } from "#schema/id";
import { CLOCK_SKEW_MS, NONCE_LIFETIME_MS, WINDOW_SIZE } from "#schema/limits";
import type { Moderation } from "#schema/moderation";
import type { Imported } from "#schema/move";
import type { HistoryQuery, PendingQuery, Read } from "#schema/read";
import type { Status } from "#schema/status";
import type { Accepted, Claimed, Found, PastPage, Paused, Released, Removed } from "./answers";
import { type Alarm, type Beat, ListingBeat } from "./beat";
import { ChangeBeat } from "./change-beat";
import { Chronicle } from "./chronicle";
import { ClaimDesk, withClaim } from "./claim-desk";
import { Claims } from "./claims";
import type { Clock } from "./clock";
import { Intake } from "./intake";
import type { Journal, JournalHead } from "./journal/journal";
import { MessageJournal } from "./journal/message-journal";
import { KeyWriter } from "./ledger/key-writer";
import type { Ledger, Spare } from "./ledger/ledger";
import { type MessageStore, recordOf, recordsIn } from "./ledger/messages";
import { Search } from "./ledger/search";
import type { Log } from "./log";
import { Lookup } from "./lookup";
import type { RebuildMeter } from "./metrics";
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
  /** In Workers KV. */
  ledger: Ledger;
  /** Where the wall's comments are instead, with `sqlite`. */
  messages?: MessageStore;
  spare: Spare;
  journal: Journal;
  moderation: ModerationStore;
  /** Whether the wall's comments are on their way to another ledger: then it takes no messages. */
  isMoving?: () => boolean;
  alarm: Alarm;
  operations: Operations;
  meter: RebuildMeter;
  log: Log;
  version: string;
}

export class Rebuilder {
  readonly #parts: RebuilderParts;
  readonly #state: WallState;
  readonly #claims = new Claims();
  readonly #chronicle: Chronicle;
  readonly #lookup: Lookup;
  readonly #intake: Intake;
  readonly #claimDesk: ClaimDesk;
  /** `null` where no key was ever written. */
  readonly #keys: KeyWriter | null;
  readonly #publisher: Publisher;
  readonly #beat: Beat;
  readonly #desk: ModerationDesk;
  #forgotAt = 0;

  constructor(parts: RebuilderParts) {
    const { head, clock, ledger, messages, operations, log } = parts;
    const journal = messages ? new MessageJournal(parts.journal, messages) : parts.journal;
    this.#parts = { ...parts, journal };
    const restored = WallState.restore(head, journal, clock.now());
    const { state } = restored;
    this.#state = state;
    this.#desk = new ModerationDesk(parts.moderation, clock);
    for (const claim of journal.claims()) this.#claims.put(claim);
    const rebuiltAt = () => this.#beat.rebuiltAt;
    // A wall that was moved left its keys in KV: what is taken down is to end there, too.
    const hasKeys = !messages || head.stamp !== undefined;
    const keys = hasKeys ? new KeyWriter({ clock, journal, ledger, state, log }) : null;
    this.#keys = keys;
    const chronicle = new Chronicle(
      {
        clock,
        journal,
        operations,
        state,
        claims: this.#claims,
        rebuiltAt,
        onUnwritten: (id) => keys?.space(id),
        onCommitted: () => this.#beat.changed(),
        log,
      },
      restored.changes,
    );
    this.#chronicle = chronicle;
    const records = messages ? recordsIn(messages) : ledger;
    const lookup = new Lookup({ clock, records, state, chronicle, isExact: !!messages });
    this.#lookup = lookup;
    const isPaused = () => this.#isPaused;
    this.#intake = new Intake({
      clock,
      ledger,
      messages,
      state,
      chronicle,
      lookup,
      isPaused,
      isFull: () => keys?.isFull ?? false,
      onAccepted: (id) => keys?.expectPut(id),
    });
    this.#claimDesk = new ClaimDesk({ clock, journal, claims: this.#claims, lookup });
    const publisher = new Publisher({
      ...this.#parts,
      birth: head.birth,
      state,
      rebuiltAt,
      isPaused,
    });
    this.#publisher = publisher;
    const tidy = () => this.#tidy();
    const count = () => state.view.window.length;
    if (messages) {
      this.#beat = new ChangeBeat({ ...parts, publisher, tidy, messages: count });
      return;
    }
    const hasArrived = (id: string) => chronicle.hasArrived(id);
    const search = new Search({ clock, ledger, state, hasArrived });
    this.#beat = new ListingBeat({
      clock,
      alarm: parts.alarm,
      operations,
      meter: parts.meter,
      log,
      rebuiltAt: restored.rebuiltAt,
      work: {
        bring: async () => {
          for (const comment of await search.findNew()) chronicle.arrive(comment);
          return chronicle.commit();
        },
        publish: () => publisher.publish(),
        sweep: () => search.sweep(),
        tidy,
        isSettled: () => publisher.dueAt === null && state.unwritten.size === 0,
        outcome: () => ({ messages: count(), skipped: search.skipped }),
      },
    });
  }

  /** Whether nothing is to be done until somebody asks. */
  get isAtRest(): boolean {
    return this.#beat.isAtRest;
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
    if (comment.sequence > 0 && this.#state.known(comment.id)) this.#keys?.holds(comment);
    else this.#chronicle.arrive(comment);
    // No rebuild follows that would journal it.
    if (this.#parts.messages) this.#chronicle.commit();
    this.#beat.wake();
  }

  /** What changed after `since`; the whole window where that can't be told. */
  async sync(since?: Cursor): Promise<Sync> {
    this.#parts.operations.count("sync");
    await this.#beat.beBuilt();
    this.#chronicle.commit();
    const { view } = this.#state;
    const { store, sequence, floor } = view;
    const ledger = this.#parts.messages ? "sqlite" : "kv";
    const head: Sync = { store, sequence, floor, rebuiltAt: this.#beat.rebuiltAt, ledger };
    if (this.#isPaused) head.paused = true;
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
    this.#beat.wake();
    const comment = await this.#lookup.find(id);
    if (!comment) return this.#lookup.notFound(id);
    const claim = this.#claims.live(comment.id, this.#parts.clock.now());
    return { state: "found", comment: withClaim(toComment(comment), claim) };
  }

  /** Sets a comment's processed flag; acknowledged from the journal, its key follows. */
  async patch(id: string, processed: boolean): Promise<Found> {
    this.#parts.operations.count("patch");
    this.#beat.wake();
    const comment = await this.#lookup.find(id);
    if (!comment) return this.#lookup.notFound(id);
    if (comment.botParams.processed === processed)
      return { state: "found", comment: toComment(comment) };
    if (this.#keys?.isFull) return { state: "busy" };
    const record = withProcessed(comment, processed);
    this.#chronicle.commit([{ record, unwritten: true }]);
    // Writes the keys of earlier changes: rebuilds alone come too seldom for many bots.
    void this.#keys?.write();
    return { state: "found", comment: toComment(record) };
  }

  /** Gives the comment to one bot for a while, unless another has it or it is processed. */
  claim(id: string, bot: string, seconds: number): Promise<Claimed> {
    this.#parts.operations.count("claim");
    this.#beat.wake();
    return this.#claimDesk.claim(id, bot, seconds);
  }

  /** Gives a claimed comment back. */
  release(id: string, bot: string): Promise<Released> {
    this.#parts.operations.count("release");
    this.#beat.wake();
    return this.#claimDesk.release(id, bot);
  }

  /**
   * Takes a comment down for good: it is in no answer from here on, whatever stale caches and late
   * writes bring. Its words leave the journal at once; its key, and the spare, follow.
   */
  async remove(id: string, reason?: string): Promise<Removed> {
    this.#parts.operations.count("remove");
    this.#beat.wake();
    const comment = await this.#lookup.find(id);
    if (comment) {
      this.#takeDown([comment.id]);
      this.#desk.note("remove", comment.id, reason);
    }
    return this.#state.isRemoved(id) ? { state: "removed" } : this.#lookup.notFound(id);
  }

  /**
   * Takes down comments that need not be looked up. Their words stay in the journal's rows, which the caller
   * sees to. Returns how many were not gone already.
   */
  removeSome(ids: readonly string[]): number {
    this.#beat.wake();
    this.#chronicle.commit();
    // Of a copy that was merged long ago only its nonce tells which message it was.
    const { nonces } = this.#state;
    const known = new Set(ids.map((id) => this.#state.canonical(nonces.ofCopy(id) ?? id)));
    const live = [...known].filter((id) => !this.#state.isGone(id));
    if (live.length > 0) this.#takeDown(live, false);
    return live.length;
  }

  /** Notes in the audit log that a sender's messages were taken down. */
  noteRemoval(sender: Sender, reason?: string): void {
    this.#desk.note("remove_sender", sender, reason);
  }

  /** Whether a comment was taken down, under whichever of its ids. */
  isRemoved(id: string): boolean {
    return this.#state.isRemoved(id);
  }

  /** From the next answer on, entrypoints take no messages, or take them again. */
  pause(paused: boolean, reason?: string): Pick<Moderation, "paused"> {
    this.#parts.operations.count("pause");
    if (this.#desk.pause(paused, reason)) {
      this.#publisher.outdate();
      this.#beat.changed();
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

  /** A bot's message with a nonce, on `kv`. */
  async accept(comment: StoredComment): Promise<Accepted | Paused | null> {
    this.#parts.operations.count("accept");
    await this.#beat.beBuilt();
    return this.#intake.accept(comment);
  }

  /** Any message, on `sqlite`. @throws when the wall's comments are elsewhere. */
  append(draft: StoredComment): Promise<Accepted | Paused | null> {
    this.#parts.operations.count("append");
    return this.#intake.append(draft);
  }

  /** Comments from elsewhere. */
  bring(comments: readonly StoredComment[]): Promise<Imported> {
    this.#parts.operations.count("import");
    return this.#intake.bring(comments);
  }

  /** A page of the past, newest first; one more than fits tells whether something is left. */
  history({ before, limit }: HistoryQuery): PastPage {
    const { messages, operations } = this.#parts;
    operations.count("history");
    if (!messages) throw new Error("this wall's comments are in KV");
    this.#chronicle.commit();
    const comments: StoredComment[] = [];
    let after = before.id;
    while (comments.length <= limit) {
      const rows = messages.behind(after, limit + 1 - comments.length);
      // A row is never behind what is known here; should one be, its removed words are not shown for it.
      const records = rows.map((row) => this.asKnown(recordOf(row)));
      comments.push(...records.filter(isStoredComment));
      const last = rows.at(-1);
      if (!last) break;
      after = last.id;
    }
    const page = comments.slice(0, limit);
    const isLast = comments.length <= limit;
    return { comments: page, nextBefore: isLast ? null : (page.at(-1)?.id ?? null) };
  }

  /** A record as it is by all that is known here, be it newer than what is stored. */
  asKnown(record: StoredRecord): StoredRecord {
    const { id, sequence } = record;
    const newer = [this.#state.unwritten.get(id), this.#state.known(id)];
    const known = newer.find((of) => of && of.sequence > sequence);
    if (known) return known;
    const [mark] = this.#state.marksOf([id]);
    if (mark?.removed) return { id, removed: true, sequence: Math.max(mark.sequence, sequence) };
    return isStoredComment(record) ? this.#state.withMarks(record) : record;
  }

  /** The records that are held here and stand behind an id in the order of the wall, at most `max`. */
  known(after: string | undefined, max: number): StoredRecord[] {
    const { held, pending } = this.#state;
    const byId = new Map<string, StoredRecord>();
    for (const record of [...held.comments, ...pending.comments, ...this.unwritten()])
      if (after === undefined || compareIds(record.id, after) > 0) byId.set(record.id, record);
    return [...byId.values()].sort((a, b) => compareIds(a.id, b.id)).slice(0, max);
  }

  /** Shows those that no list, no notice and no key has brought so far. */
  meet(records: readonly StoredRecord[]): void {
    const { held } = this.#state;
    for (const record of records)
      if (isStoredComment(record) && !held.isBeyond(record.id)) this.#chronicle.arrive(record);
    this.#chronicle.commit();
  }

  /** The records that their keys do not hold yet. */
  unwritten(): StoredRecord[] {
    return [...this.#state.unwritten.values()];
  }

  /** Another rebuilder goes on with the journal. */
  close(): void {
    this.#chronicle.close();
  }

  async status(): Promise<Omit<Status, "ledger">> {
    // Who only watches does not use the wall.
    if (this.#beat.rebuiltAt === 0) await this.#beat.beBuilt();
    return {
      ...this.#beat.status(),
      window: { size: this.#state.view.window.length, capacity: WINDOW_SIZE },
      pending: this.#pendingStatus(),
      operations: this.#parts.operations.toObject(),
      wall: this.#parts.head.wall,
      version: this.#parts.version,
    };
  }

  get #isPaused(): boolean {
    return this.#desk.isPaused || (this.#parts.isMoving?.() ?? false);
  }

  /** Copies that were merged away go along: a late write may yet put their words into their keys. */
  #takeDown(ids: readonly string[], erasesNow = true): void {
    this.#chronicle.commit([...ids, ...this.#state.copiesOf(ids)].map(removal), erasesNow);
    void this.#publisher.publish();
  }

  #pendingStatus(): Status["pending"] {
    const { pending } = this.#state;
    const taken = this.#claims.liveIds(this.#parts.clock.now()).filter((id) => pending.get(id));
    return { size: pending.size - taken.length, dropped: pending.dropped };
  }

  #tidy(): void {
    void this.#keys?.write();
    const now = this.#parts.clock.now();
    // Either way: the clock may have been set back since.
    if (Math.abs(now - this.#forgotAt) < FORGET_INTERVAL_MS) return;
    this.#forgotAt = now;
    this.#state.forget(now);
    // The next incarnation's clock may be behind this one: keep what ended only just now.
    const outdated = now - CLOCK_SKEW_MS;
    this.#claims.forget(outdated);
    try {
      this.#parts.journal.forgetClaims(outdated);
      this.#parts.journal.forgetArchives(outdated - NONCE_LIFETIME_MS);
    } catch (error) {
      this.#parts.log("journal not tidied", { error });
    }
    this.#keys?.forget(now);
  }
}
