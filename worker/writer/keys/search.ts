/** Finds comments whose notices were lost, by listing the ledger. */
import { isStoredComment, type StoredComment, type StoredRecord } from "#schema/comment";
import { compareIds, timestampOf } from "#schema/id";
import { UNSETTLED_ID_MS, WINDOW_SIZE } from "#schema/limits";
import type { Ledger } from "../../ledger/ledger";
import type { Clock } from "../../platform/clock";
import type { WriterState } from "../state/state";

/** Most records that one rebuild reads: five bulk gets. The rest wait for the next rebuild. */
const READ_MAX = WINDOW_SIZE;

/** Most list pages per rebuild. It takes more than one only while merged and skipped keys fill them. */
const LIST_PAGES_MAX = 4;

/** How long lists may hide a key: KV says a minute "or more". */
const LIST_LAG_MAX_MS = 5 * 60_000;

/**
 * Most pages per sweep: five minutes at 1,000 messages a minute, plus a page for keys that are not comments. A sweep
 * of more goes on where the last one ended.
 */
const SWEEP_PAGES_MAX = 6;

/**
 * Most ids remembered as passed over, about 1 MB: what the pages of a rebuild and of a sweep can hold. Each that is
 * forgotten while it is listed costs a read in every rebuild.
 */
const PASSED_OVER_MAX = (LIST_PAGES_MAX + SWEEP_PAGES_MAX) * 2 * WINDOW_SIZE;

interface SearchParts {
  clock: Clock;
  ledger: Ledger;
  state: WriterState;
  /** Whether a comment has arrived and is only not shown yet. */
  hasArrived: (id: string) => boolean;
  /** Up to which time earlier incarnations have read every key (`readUntil`), in ms; 0 if there were none. */
  readBefore: number;
}

export class Search {
  readonly #parts: SearchParts;
  readonly #state: WriterState;
  /** Listed ids whose records are still to be read, and since when, in ms. */
  readonly #awaited = new Map<string, number>();
  /** Ids without a comment to show, which are not read again. A list may lack them for a while, or end before them. */
  readonly #passedOver = new Map<string, "corrupt" | "gone">();
  /** The ids in the last rebuild's lists. */
  #listed: ReadonlySet<string> = new Set();
  #foreign = 0;
  /** Keys stored before this time, in ms, are known: a sweep has listed them, or an earlier incarnation has. */
  #sweptUntil: number;
  #readUntil: number;
  /** A sweep that has more to list: from which page, back to which time, and when it began, in ms. */
  #sweep: { next: string; settled: number; beganAt: number } | null = null;

  constructor(parts: SearchParts) {
    this.#parts = parts;
    this.#state = parts.state;
    this.#sweptUntil = parts.readBefore || parts.clock.now();
    this.#readUntil = this.#sweptUntil;
  }

  /**
   * Every key stored before this time, in ms, was listed by a sweep and read: the next incarnation's sweeps begin
   * here, also if this one ends right after an outage.
   */
  get readUntil(): number {
    return this.#readUntil;
  }

  /** Keys and values that the last rebuild skipped. */
  get skipped(): number {
    let corrupt = 0;
    for (const [id, why] of this.#passedOver)
      if (why === "corrupt" && this.#listed.has(id)) corrupt += 1;
    return corrupt + this.#foreign;
  }

  /** The comments among the newest keys that are not held yet. */
  async findNew(): Promise<StoredComment[]> {
    await this.#listNewest();
    const newestFirst = [...this.#awaited.keys()].sort(compareIds);
    const entries = await this.#parts.ledger.read(newestFirst.slice(0, READ_MAX));
    const comments: StoredComment[] = [];
    for (const [id, entry] of entries) {
      // The value of a listed key can't be read yet: the next rebuild retries.
      if (entry === null) continue;
      this.#awaited.delete(id);
      if (entry === "corrupt") this.#passedOver.set(id, "corrupt");
      else if (isStoredComment(entry)) comments.push(entry);
      else this.#passOver(entry);
    }
    if (this.#awaited.size === 0) this.#readUntil = this.#sweptUntil;
    return comments;
  }

  /**
   * Lists beyond a rebuild's one page, as far back as lists may have hidden a key from the last sweep. Finds bursts of
   * keys written while nothing was listed, also during an outage, and keys that were listed too late for the page.
   */
  async sweep(): Promise<void> {
    // An empty wall begins with its newest page, however long its past.
    if (this.#state.held.size === 0) return;
    const now = this.#parts.clock.now();
    const settled = this.#sweep?.settled ?? Math.min(now, this.#sweptUntil) - LIST_LAG_MAX_MS;
    const beganAt = this.#sweep?.beganAt ?? now;
    let next: string | null | undefined = this.#sweep?.next;
    this.#sweep = null;
    for (let page = 0; page < SWEEP_PAGES_MAX; page += 1) {
      const listed = await this.#parts.ledger.newest(next, "sweep");
      this.#await(listed.ids);
      next = listed.next;
      const oldest = listed.ids.at(-1);
      if (next === null || oldest === undefined || timestampOf(oldest) < settled) {
        this.#sweptUntil = beganAt;
        return;
      }
    }
    if (next) this.#sweep = { next, settled, beganAt };
  }

  /** Skips a key that holds a merge or a removal: an earlier store wrote it, or its mark has expired here. */
  #passOver(record: Exclude<StoredRecord, StoredComment>): void {
    this.#passedOver.set(record.id, "gone");
    if ("removed" in record) this.#state.recallRemoval(record, this.#parts.clock.now());
  }

  /** Notes the listed ids that are to be read. One list; more only while too few of a page's keys are comments. */
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
    this.#listed = listed;
    for (const id of this.#passedOver.keys()) {
      if (this.#passedOver.size <= PASSED_OVER_MAX) break;
      this.#passedOver.delete(id);
    }
    const outdated = this.#parts.clock.now() - UNSETTLED_ID_MS;
    for (const [id, since] of this.#awaited)
      if (this.#isKnown(id) || since < outdated) this.#awaited.delete(id);
  }

  /** Notes those of these ids that are to be read. Returns how many are comments. */
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
    return isShown || this.#parts.hasArrived(id) || held.isBeyond(id);
  }
}
