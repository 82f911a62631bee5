/**
 * The single writer of a wall. Every 3 seconds it looks for new comments in the ledger, gives each change its
 * sequence, journals it before anyone can read it, and publishes the newest 500.
 *
 * Plain code: clock, ledger, journal, spare and alarm are passed in, so that the same code runs in the real runtime
 * and in the simulation.
 */

import type { Sync } from "#schema/change";
import type { Comment, StoredComment } from "#schema/comment";
import type { Cursor } from "#schema/cursor";
import { WINDOW_SIZE } from "#schema/limits";
import type { Moderation, ReportedComment } from "#schema/moderation";
import type { Imported } from "#schema/move";
import type { HistoryQuery, PendingQuery, Read } from "#schema/read";
import type { Health, Status } from "#schema/status";
import type {
  Accepted,
  Blocked,
  Busy,
  Claimed,
  Found,
  OwnRemoved,
  PastPage,
  Paused,
  Released,
  Removed,
  Reported,
} from "../contract/answers";
import type { Overlay, Stretch } from "../contract/overlay";
import { MessageJournal } from "../journal/message-journal";
import { recordsIn } from "../ledger/messages";
import { toComment, withProcessed } from "../record";
import type { Beat } from "./beat";
import { ClaimDesk, withClaim } from "./claim-desk";
import { Claims } from "./claims";
import { Feed } from "./feed";
import { Intake } from "./intake";
import { KeyWriter } from "./keys/key-writer";
import { Lookup } from "./lookup";
import { BlockDesk } from "./moderation/block-desk";
import { ImportedRemovals } from "./moderation/imported-removals";
import { ModerationDesk } from "./moderation/moderation";
import { Removals } from "./moderation/removals";
import { ReportDesk } from "./moderation/report-desk";
import { newBeat } from "./new-beat";
import type { WriterParts } from "./parts";
import { Publisher } from "./publisher";
import { Records } from "./records";
import { Sequencer } from "./sequencer";
import { WriterState } from "./state/state";
import { tidying } from "./tidying";

export class Writer {
  readonly records: Records;
  readonly removals: Removals;
  readonly reports: ReportDesk;
  readonly blocks: BlockDesk;
  /** The live channel reads this. */
  readonly feed: Feed;
  readonly #parts: WriterParts;
  readonly #state: WriterState;
  readonly #claims: Claims;
  readonly #sequencer: Sequencer;
  readonly #lookup: Lookup;
  readonly #intake: Intake;
  readonly #claimDesk: ClaimDesk;
  /** `null` where no key was ever written. */
  readonly #keys: KeyWriter | null;
  readonly #publisher: Publisher;
  readonly #beat: Beat;
  readonly #desk: ModerationDesk;
  readonly #imports: ImportedRemovals;

  constructor(parts: WriterParts) {
    const { head, clock, ledger, messages, operations, log } = parts;
    const journal = messages ? new MessageJournal(parts.journal, messages) : parts.journal;
    this.#parts = { ...parts, journal };
    const restored = WriterState.restore(head, journal, clock.now());
    const { state } = restored;
    this.#state = state;
    this.#desk = new ModerationDesk(parts.moderation, clock);
    this.blocks = new BlockDesk(clock, this.#desk, parts.blocks);
    this.#claims = new Claims((answering) => parts.live?.answering(answering));
    for (const claim of journal.claims()) this.#claims.put(claim);
    const rebuiltAt = () => this.#beat.rebuiltAt;
    // A wall that was moved left its keys in KV: what is taken down is to end there, too.
    const hasKeys = !messages || head.stamp !== undefined;
    const keys = hasKeys ? new KeyWriter({ clock, journal, ledger, state, log }) : null;
    this.#keys = keys;
    const sequencer = new Sequencer(
      {
        clock,
        journal,
        operations,
        state,
        claims: this.#claims,
        progress: () => ({ rebuiltAt: rebuiltAt(), readUntil: this.#beat.readUntil }),
        onUnwritten: (id) => keys?.space(id),
        onMerged: (copy, into) => parts.onMerged?.(copy, into),
        onCommitted: () => {
          this.#beat.changed();
          parts.live?.changed();
        },
        log,
      },
      restored.changes,
    );
    this.#sequencer = sequencer;
    this.records = new Records({ messages, state, sequencer });
    this.feed = new Feed({ state, sequencer, rebuiltAt });
    const records = messages ? recordsIn(messages) : ledger;
    const lookup = new Lookup({ clock, records, state, sequencer, isExact: !!messages });
    this.#lookup = lookup;
    const isPaused = () => this.isPaused;
    this.#intake = new Intake({
      clock,
      ledger,
      messages,
      state,
      sequencer,
      lookup,
      isPaused,
      blockedUntil: (network) => this.blocks.until(network),
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
      // Like a new store's, its sequences start at the current millisecond.
      rename: (published) =>
        sequencer.rename(
          parts.newStoreName(),
          Math.max(clock.now(), published, state.view.sequence),
        ),
    });
    this.#publisher = publisher;
    const desk = this.#desk;
    const reports = new ReportDesk({ clock, reports: parts.reports, lookup, state, desk, log });
    this.reports = reports;
    const onRemoved = (ids: readonly string[]) => reports.forget(ids);
    const { kept } = parts;
    const removing = { clock, state, sequencer, lookup, publisher, desk, kept, onRemoved, log };
    this.removals = new Removals(removing);
    this.#imports = new ImportedRemovals({
      state,
      sequencer,
      ledger,
      messages,
      removals: this.removals,
    });
    const tidy = tidying({ clock, journal, state, claims: this.#claims, keys, log });
    this.#beat = newBeat(parts, { restored, sequencer, publisher, tidy });
  }

  /** Whether the wall is idle: there is no work until the next call. */
  get isAtRest(): boolean {
    return this.#beat.isAtRest;
  }

  /** Runs at each alarm. Throws only when the storage rejects a write. */
  tick(): Promise<void> {
    return this.#beat.tick();
  }

  /** Runs at each cron. */
  watch(): Promise<void> {
    return this.#beat.watch();
  }

  /** Never throws. */
  rebuild(): Promise<void> {
    return this.#beat.rebuild();
  }

  /**
   * Takes a comment that the ledger already stores. It is a hint: the next answer journals and shows it. One of a
   * blocked sender, which an entrypoint let through because it did not know of the block, is removed and never shown.
   */
  notice(comment: StoredComment, network?: string): void {
    if (network !== undefined && this.blocks.until(network, comment.timestamp) !== null) {
      this.#beat.wake();
      if (this.removals.refuse(comment)) return;
    }
    if (comment.sequence > 0 && this.#state.known(comment.id)) this.#keys?.holds(comment);
    else this.#sequencer.arrive(comment);
    // On `sqlite` no rebuild would journal it later.
    if (this.#parts.messages) this.#sequencer.commit();
    // Sockets get it with the next batch.
    else this.#parts.live?.changed();
    this.#beat.wake();
  }

  /** The changes after `since`, or the whole window when the change log no longer reaches back that far. */
  async sync(since?: Cursor): Promise<Sync> {
    await this.#beat.beBuilt();
    this.#sequencer.commit();
    const { view } = this.#state;
    const { store, sequence, floor } = view;
    const ledger = this.#parts.messages ? "sqlite" : "kv";
    const head: Sync = { store, sequence, floor, rebuiltAt: this.#beat.rebuiltAt, ledger };
    if (this.isPaused) head.paused = true;
    if ((this.#parts.blocks?.at(this.#parts.clock.now()).length ?? 0) > 0) head.blocking = true;
    const bots = this.#parts.live?.bots ?? [];
    if (bots.length > 0) head.bots = bots;
    return since && since.store === store && since.sequence >= floor
      ? { ...head, changes: view.logSince(since.sequence) }
      : { ...head, window: [...view.window] };
  }

  /** The comments held here in a stretch of the past, and the marks of those ids in `listed` that are not held. */
  async overlay(stretch: Stretch, listed: readonly string[]): Promise<Overlay> {
    await this.#beat.beBuilt();
    return this.records.overlay(stretch, listed);
  }

  async find(id: string): Promise<Found> {
    this.#beat.wake();
    const comment = await this.#lookup.find(id);
    if (!comment) return this.#lookup.notFound(id);
    const claim = this.#claims.live(comment.id, this.#parts.clock.now());
    return { state: "found", comment: withClaim(toComment(comment), claim) };
  }

  /** Sets a comment's processed flag. The answer waits for the journal only; the key is written later. */
  async patch(id: string, processed: boolean): Promise<Found> {
    this.#beat.wake();
    const comment = await this.#lookup.find(id);
    if (!comment) return this.#lookup.notFound(id);
    if (comment.botParams.processed === processed)
      return { state: "found", comment: toComment(comment) };
    if (this.#keys?.isFull) return { state: "busy" };
    const record = withProcessed(comment, processed);
    this.#sequencer.commit([{ record, unwritten: true }]);
    // Write the keys of earlier changes now: rebuilds alone are too rare when many bots set flags.
    void this.#keys?.write();
    return { state: "found", comment: toComment(record) };
  }

  /** Claims the comment for one bot for `seconds`, unless another bot has it or it is processed. */
  claim(id: string, bot: string, seconds: number, name?: string): Promise<Claimed> {
    this.#beat.wake();
    return this.#claimDesk.claim(id, bot, seconds, name);
  }

  /** Ends a bot's claim on a comment. */
  release(id: string, bot: string): Promise<Released> {
    this.#beat.wake();
    return this.#claimDesk.release(id, bot);
  }

  /** See `Removals.remove`. */
  remove(id: string, reason?: string, by?: string, replies?: boolean): Promise<Removed> {
    this.#beat.wake();
    return this.removals.remove(id, { reason, by, replies });
  }

  /** See `Removals.removeOwn`. */
  removeOwn(id: string, secret: string): Promise<OwnRemoved> {
    this.#beat.wake();
    return this.removals.removeOwn(id, secret);
  }

  /** Some comments as everyone reads them, those that can be read. @throws when the ledger refuses. */
  async readAll(ids: readonly string[]): Promise<Comment[]> {
    return (await this.#lookup.readAll(ids)).map(toComment);
  }

  /** See `ReportDesk.report`. */
  report(id: string, network: string, reason?: string): Promise<Reported> {
    this.#beat.wake();
    return this.reports.report(id, network, reason);
  }

  /** See `ReportDesk.list`. */
  reported(): Promise<ReportedComment[]> {
    this.#beat.wake();
    return this.reports.list();
  }

  /** See `ReportDesk.dismiss`. */
  dismiss(id: string, by?: string): void {
    this.reports.dismiss(id, by);
  }

  /** Pauses or resumes posting; entrypoints learn of it with their next answer. */
  pause(paused: boolean, reason?: string, by?: string): Pick<Moderation, "paused"> {
    // First: whatever is stored then is published, also after a failure in between.
    this.#publisher.outdate();
    this.#desk.pause(paused, reason, by);
    this.#beat.changed();
    void this.#publisher.publish();
    return { paused };
  }

  moderation(): Moderation {
    return { paused: this.#desk.isPaused, audit: this.#desk.audit() };
  }

  /** The comments that wait for a bot: highest priority first, then oldest. */
  async pending(query: PendingQuery): Promise<Read> {
    await this.#beat.beBuilt();
    const now = this.#parts.clock.now();
    const page = this.records.pending(query, now, () => this.#claims.liveIds(now));
    return { ...page, rebuiltAt: this.#beat.rebuiltAt };
  }

  /** The id of the comment that an id names: another one's for a merged copy. */
  canonical(id: string): string {
    return this.#state.canonical(id);
  }

  /** Resolves once the wall has been rebuilt at least once. Counts as a use. */
  beBuilt(): Promise<void> {
    return this.#beat.beBuilt();
  }

  /** Whether posting is paused, by an admin or for a move. */
  get isPaused(): boolean {
    return this.#desk.isPaused || (this.#parts.isMoving?.() ?? false);
  }

  /** The stored first copy of a person's message, if any; on `sqlite`. */
  async firstCopy(comment: Comment): Promise<Comment | undefined> {
    const first = await this.#intake.firstCopy({ ...comment, sequence: 0 });
    return first?.comment && toComment(first.comment);
  }

  /** Accepts a bot's message with a nonce, on `kv`. */
  async accept(comment: StoredComment): Promise<Accepted | Paused | null> {
    await this.#beat.beBuilt();
    return this.#intake.accept(comment);
  }

  /** Accepts any message, on `sqlite`; `network` is its sender's, if it came without a token. @throws when the wall's comments are in KV. */
  append(draft: StoredComment, network?: string): Promise<Accepted | Paused | Blocked | null> {
    return this.#intake.append(draft, network);
  }

  /** Imports removals, then comments. */
  async import(
    comments: readonly StoredComment[],
    removed?: readonly string[],
  ): Promise<Imported | Busy> {
    // A move reads each key twice, and would miss one that is written behind it.
    if (removed && this.#parts.isMoving?.()) return { state: "busy" };
    const counts = removed && (await this.#imports.removals(removed));
    const wanted = comments.filter(({ id }) => !this.#imports.has(id));
    const { added } = await this.#intake.import(wanted);
    return { added, known: comments.length - added, ...counts };
  }

  /** The position of the newest change. */
  get cursor(): Cursor {
    return this.#state.view.cursor;
  }

  /** A page of the past, newest first. @throws when the wall's comments are in KV. */
  history(query: HistoryQuery): PastPage {
    return this.records.history(query);
  }

  /** Stops this rebuilder; another one continues with the journal. */
  close(): void {
    this.#sequencer.close();
    this.#publisher.close();
    this.#keys?.close();
  }

  health(): Health {
    const reason = this.#beat.fault ?? (this.#publisher.isFailing ? "failing" : null);
    return reason === null ? { ok: true } : { ok: false, reason };
  }

  async status(): Promise<Omit<Status, "ledger">> {
    // Only a wall that was never rebuilt: reading the status is not a use, and must not keep the wall from going
    // idle.
    if (this.#beat.rebuiltAt === 0) await this.#beat.beBuilt();
    return {
      ...this.#beat.status(),
      window: { size: this.#state.view.window.length, capacity: WINDOW_SIZE },
      pending: this.#pendingStatus(),
      spare: this.#publisher.status(),
      operations: this.#parts.operations.toObject(),
      wall: this.#parts.head.wall,
      version: this.#parts.version,
    };
  }

  #pendingStatus(): Status["pending"] {
    const { pending } = this.#state;
    const taken = this.#claims.liveIds(this.#parts.clock.now()).filter((id) => pending.get(id));
    return { size: pending.size - taken.length, dropped: pending.dropped };
  }
}
