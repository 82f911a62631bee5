/**
 * Gives each change its sequence and journals it before any reader sees it. Synchronous throughout, so that nothing
 * can happen between assigning a sequence and applying its change.
 */

import { isStoredComment, type StoredComment, type StoredRecord } from "#schema/comment";
import { timestampOf } from "#schema/id";
import { CHANGE_LOG_SIZE, UNSETTLED_ID_MS } from "#schema/limits";
import { WallView } from "#schema/view/wall-view";
import {
  type ChangesRow,
  type Journal,
  type NonceArchive,
  ROW_BYTES_MAX,
} from "../journal/journal";
import { chunksOfBytes } from "../platform/chunks";
import type { Clock } from "../platform/clock";
import type { Log } from "../platform/log";
import type { Operations } from "../platform/operations";
import { bytesOfRecord, type Claim, type Proposal } from "../record";
import type { Claims } from "./claims";
import type { WriterState } from "./state/state";

/** Wait before a failed rotation is retried; it doubles with each failure, up to 64 s. */
const ROTATION_RETRY_MS = 1_000;
const ROTATION_BACKOFF_MAX = 6;

interface ChronicleParts {
  clock: Clock;
  journal: Journal;
  operations: Operations;
  state: WriterState;
  claims: Claims;
  /** How far the rebuilds have come; journaled with each commit. */
  progress: () => Pick<ChangesRow, "rebuiltAt" | "readUntil">;
  /** Called for a changed record whose key is not up to date yet. */
  onUnwritten: (id: string) => void;
  /** Called with a merged copy's id, and the id of the comment that stays. */
  onMerged: (copy: string, into: string) => void;
  /** Called when there are changes that readers have not seen yet. */
  onCommitted: () => void;
  log: Log;
}

interface ClaimEnding {
  /** The comment's id. */
  id: string;
  /** The claim as it continues on another comment. */
  moved?: Claim;
}

export class Sequencer {
  readonly #parts: ChronicleParts;
  /** Comments from notices and lists that no answer has shown yet. */
  readonly #arrivals = new Map<string, StoredComment>();
  #isClosed = false;
  /** Whether a removal may have left the window with too few comments. An earlier incarnation may have ended then. */
  #isWindowShort = true;
  #generationChanges: number;
  /** Failed rotations in a row, and the time of the next attempt, in ms. */
  #rotationFailures = 0;
  #rotateFrom = 0;

  /** `changes` is the number of changes in the journal's current generation. */
  constructor(parts: ChronicleParts, changes: number) {
    this.#parts = parts;
    this.#generationChanges = changes;
  }

  /** Notes a comment that the ledger stores; the next answer commits it. */
  arrive(comment: StoredComment): void {
    this.#arrivals.set(comment.id, comment);
  }

  hasArrived(id: string): boolean {
    return this.#arrivals.has(id);
  }

  /** Stops this one; another continues with the journal. Calls that still wait for this one are rejected. */
  close(): void {
    this.#isClosed = true;
  }

  /**
   * Gives arrivals and proposals their sequences, journals them together, and only then shows them. Returns the
   * number of changes.
   * @param erasesNow `false` when the caller itself erases removed text from the journal
   */
  commit(proposals: readonly Proposal[] = [], erasesNow = true): number {
    this.#expectOpen();
    const { state, onCommitted } = this.#parts;
    const before = state.view.sequence;
    try {
      return this.#commit(proposals, erasesNow);
    } finally {
      // Also if only a part of the changes was journaled.
      if (state.view.sequence !== before) onCommitted();
    }
  }

  #commit(proposals: readonly Proposal[], erasesNow: boolean): number {
    const { state } = this.#parts;
    const arrived = state.propose([...this.#arrivals.values()]);
    const all = [...arrived, ...proposals];
    if (all.some(({ record }) => !isStoredComment(record))) this.#isWindowShort = true;
    const committed = this.#journal(all, erasesNow);
    this.#arrivals.clear();
    return this.#isWindowShort ? committed + this.#reenter() : committed;
  }

  /** Fills the window again. If that fails, the next commit does it: what was committed counts all the same. */
  #reenter(): number {
    const { state, log } = this.#parts;
    try {
      const entered = this.#journal(state.proposeReentries());
      this.#isWindowShort = false;
      return entered;
    } catch (error) {
      log("window not filled", { error });
      return 0;
    }
  }

  #journal(proposals: readonly Proposal[], erasesNow = true): number {
    const { journal, clock, state, claims, progress, onUnwritten, onMerged } = this.#parts;
    const now = clock.now();
    const changes = state.sequenced(proposals);
    const sizeOf = ({ record }: Proposal) => bytesOfRecord(record);
    for (const part of chunksOfBytes(changes, sizeOf, ROW_BYTES_MAX)) {
      const gone = part.flatMap(({ record }) =>
        erasesNow && "removed" in record ? record.id : [],
      );
      const endings = this.#claimEndings(part, now);
      // Together: a removal that counts as done is not erased by its repetition, and memory must follow whatever is
      // journaled, or the next change would get a sequence that is used already.
      journal.atOnce(() => {
        journal.append({ kind: "changes", ...progress(), changes: part });
        if (gone.length > 0) journal.erase(gone);
        for (const { id, moved } of endings) {
          journal.endClaim(id);
          if (moved) journal.claim(moved);
        }
      });
      for (const { record, born, unwritten } of part) {
        const isUnwritten = unwritten && (journal.hasStaleKey?.(record) ?? true);
        const change = { record, ...(born && { born }), ...(isUnwritten && { unwritten }) };
        const isNew = this.#isArrival(record);
        if (isNew) this.#parts.operations.count("message");
        state.apply(change, now);
        if (isUnwritten) onUnwritten(record.id);
        if ("mergedInto" in record) onMerged(record.id, record.mergedInto);
        if (isNew) this.#followAnswer(record);
      }
      for (const { id, moved } of endings) {
        claims.end(id);
        if (moved) claims.put(moved);
      }
    }
    this.#generationChanges += changes.length;
    if (this.#generationChanges >= CHANGE_LOG_SIZE && now >= this.#rotateFrom) this.#rotate(now);
    return changes.length;
  }

  /**
   * Continues as another store, with all that this one holds: every cursor is read again.
   * @param birth the sequence before the first change of the new store
   */
  rename(store: string, birth: number): void {
    this.#expectOpen();
    const { journal, state } = this.#parts;
    const archives = state.nonces.toArchive();
    const keys = journal.rename({ store, birth }, () => state.checkpoint(birth), archives);
    state.view = new WallView(store, birth, [...state.view.window]);
    this.#beginGeneration(archives, keys);
  }

  /** Whether this is a new message: not an old one that a wall without its journal reads again, nor an undone removal. */
  #isArrival(record: StoredRecord): boolean {
    const { clock, state } = this.#parts;
    const isRecent = clock.now() - timestampOf(record.id) < UNSETTLED_ID_MS;
    const isNew = isRecent && isStoredComment(record) && !state.known(record.id);
    return isNew && !state.isRemoved(record.id);
  }

  /**
   * The claims of comments that were processed or are gone: they end. The claim of a merged copy passes to the comment
   * that stays, unless that one is claimed.
   */
  #claimEndings(changes: readonly Proposal[], now: number): ClaimEnding[] {
    const { claims } = this.#parts;
    const endings: ClaimEnding[] = [];
    const isTaken = (id: string) =>
      claims.live(id, now) !== undefined || endings.some(({ moved }) => moved?.id === id);
    for (const { record } of changes) {
      const { id } = record;
      const isOver = !isStoredComment(record) || record.botParams.processed;
      if (!isOver || !claims.has(id)) continue;
      const live = claims.live(id, now);
      const into = "mergedInto" in record ? record.mergedInto : undefined;
      const isMoved = live !== undefined && into !== undefined && !isTaken(into);
      endings.push({ id, ...(isMoved && { moved: { ...live, id: into } }) });
    }
    return endings;
  }

  /** The message that a bot has answered is not shown as being answered any more. */
  #followAnswer(record: StoredRecord): void {
    if (isStoredComment(record) && record.type === "bot" && record.replyTo !== undefined)
      this.#parts.claims.hide(record.replyTo);
  }

  /** A failure loses no committed change: the current generation continues and grows. */
  #rotate(now: number): void {
    const { journal, state, log } = this.#parts;
    try {
      const archives = state.nonces.toArchive();
      const keys = journal.rotate(state.checkpoint(), archives);
      this.#beginGeneration(archives, keys);
      this.#rotationFailures = 0;
    } catch (error) {
      const wait = ROTATION_RETRY_MS * 2 ** Math.min(this.#rotationFailures, ROTATION_BACKOFF_MAX);
      this.#rotationFailures += 1;
      this.#rotateFrom = now + wait;
      log("journal not rotated", { error, failures: this.#rotationFailures });
    }
  }

  #beginGeneration(archives: readonly NonceArchive[], keys: readonly number[]): void {
    const { nonces } = this.#parts.state;
    nonces.beginGeneration();
    nonces.ask(archives.map((archive, n) => ({ ...archive, key: keys[n] as number })));
    this.#generationChanges = 0;
  }

  #expectOpen(): void {
    if (this.#isClosed) throw new Error("the wall was moved to another ledger");
  }
}
