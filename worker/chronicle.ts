/**
 * The single writer's book: gives each change its sequence and journals it before anybody sees it.
 * Synchronous throughout, so that nothing comes between a sequence and what it stands for.
 */
import { isStoredComment, type StoredComment, type StoredRecord } from "#schema/comment";
import { timestampOf } from "#schema/id";
import { CHANGE_LOG_SIZE, UNSETTLED_ID_MS } from "#schema/limits";
import { chunksOfBytes } from "./chunks";
import type { Claims } from "./claims";
import type { Clock } from "./clock";
import { bytesOfRecord, type Journal, type JournalChange, ROW_BYTES_MAX } from "./journal/journal";
import type { Log } from "./log";
import type { Operations } from "./operations";
import type { Proposal, WallState } from "./wall-state";

/** A rotation that failed is tried again after this long, then after twice as long, up to a minute and more. */
const ROTATION_RETRY_MS = 1_000;
const ROTATION_BACKOFF_MAX = 6;

interface ChronicleParts {
  clock: Clock;
  journal: Journal;
  operations: Operations;
  state: WallState;
  claims: Claims;
  /** When the cache was last rebuilt, in ms. */
  rebuiltAt: () => number;
  /** A record was changed that its key does not hold yet. */
  onUnwritten: (id: string) => void;
  /** There are changes that readers have not been told of yet. */
  onCommitted: () => void;
  log: Log;
}

export class Chronicle {
  readonly #parts: ChronicleParts;
  /** Comments that a notice or a list brought and no answer has shown. */
  readonly #arrivals = new Map<string, StoredComment>();
  #isClosed = false;
  #generationChanges: number;
  /** Rotations in a row that failed, and when the next one may be tried, in ms. */
  #rotationFailures = 0;
  #rotateFrom = 0;

  /** `changes` are those in the journal's current generation. */
  constructor(parts: ChronicleParts, changes: number) {
    this.#parts = parts;
    this.#generationChanges = changes;
  }

  /** Notes a comment that the ledger has: it is committed with the next answer. */
  arrive(comment: StoredComment): void {
    this.#arrivals.set(comment.id, comment);
  }

  hasArrived(id: string): boolean {
    return this.#arrivals.has(id);
  }

  /** Another one goes on with the journal: whoever still waits for this one is refused. */
  close(): void {
    this.#isClosed = true;
  }

  /**
   * Gives arrivals and proposals their sequences, journals them as one row, and only then lets
   * them be seen. Returns how many changes there were.
   * @param erasesNow `false` when the caller takes the words of what is removed out of the journal by itself
   */
  commit(proposals: readonly Proposal[] = [], erasesNow = true): number {
    if (this.#isClosed) throw new Error("the wall was moved to another ledger");
    const committed = this.#commit(proposals, erasesNow);
    if (committed > 0) this.#parts.onCommitted();
    return committed;
  }

  #commit(proposals: readonly Proposal[], erasesNow: boolean): number {
    const { state } = this.#parts;
    const arrived = state.propose([...this.#arrivals.values()]);
    const all = [...arrived, ...proposals];
    const committed = this.#journal(all, erasesNow);
    this.#arrivals.clear();
    const takesAway = all.some(({ record }) => !isStoredComment(record));
    return takesAway ? committed + this.#journal(state.proposeReentries()) : committed;
  }

  #journal(proposals: readonly Proposal[], erasesNow = true): number {
    const { journal, clock, state, rebuiltAt, onUnwritten } = this.#parts;
    const now = clock.now();
    const changes = state.sequenced(proposals);
    const sizeOf = ({ record }: Proposal) => bytesOfRecord(record);
    for (const part of chunksOfBytes(changes, sizeOf, ROW_BYTES_MAX)) {
      journal.append({ kind: "changes", rebuiltAt: rebuiltAt(), changes: part });
      for (const { record, born, unwritten } of part) {
        const isUnwritten = unwritten && (journal.hasStaleKey?.(record) ?? true);
        const change = { record, ...(born && { born }), ...(isUnwritten && { unwritten }) };
        if (this.#isArrival(record)) this.#parts.operations.count("message");
        state.apply(change, now);
        if (isUnwritten) onUnwritten(record.id);
        this.#followClaim(record, now);
      }
      const isGone = ({ record }: JournalChange) => erasesNow && "removed" in record;
      const gone = part.filter(isGone).map(({ record }) => record.id);
      if (gone.length > 0) journal.erase(gone);
    }
    this.#generationChanges += changes.length;
    if (this.#generationChanges >= CHANGE_LOG_SIZE && now >= this.#rotateFrom) this.#rotate(now);
    return changes.length;
  }

  /** Whether a message is met for the first time, and not as the past of a wall that starts anew. */
  #isArrival(record: StoredRecord): boolean {
    const { clock, state } = this.#parts;
    const isRecent = clock.now() - timestampOf(record.id) < UNSETTLED_ID_MS;
    return isRecent && isStoredComment(record) && !state.known(record.id);
  }

  /** Who processed a comment needs it no more; of two copies the one that stays is claimed. */
  #followClaim(record: StoredRecord, now: number): void {
    const { journal, claims } = this.#parts;
    const { id } = record;
    const isOver = !isStoredComment(record) || record.botParams.processed;
    if (!isOver || !claims.has(id)) return;
    const live = claims.live(id, now);
    journal.endClaim(id);
    claims.end(id);
    if (!live || !("mergedInto" in record) || claims.live(record.mergedInto, now)) return;
    const moved = { ...live, id: record.mergedInto };
    journal.claim(moved);
    claims.put(moved);
  }

  /** Failing loses nothing that was committed: the current generation then goes on, and grows. */
  #rotate(now: number): void {
    const { journal, state, log } = this.#parts;
    try {
      const archives = state.nonces.toArchive();
      const keys = journal.rotate(state.checkpoint(), archives);
      state.nonces.beginGeneration();
      state.nonces.ask(archives.map((archive, n) => ({ ...archive, key: keys[n] as number })));
      this.#generationChanges = 0;
      this.#rotationFailures = 0;
    } catch (error) {
      const wait = ROTATION_RETRY_MS * 2 ** Math.min(this.#rotationFailures, ROTATION_BACKOFF_MAX);
      this.#rotationFailures += 1;
      this.#rotateFrom = now + wait;
      log("journal not rotated", { error, failures: this.#rotationFailures });
    }
  }
}
