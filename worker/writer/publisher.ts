/** Publishes the newest 500 as the spare when they changed, at most once every 3 s. A failure affects nothing else. */
import { CLOCK_AHEAD_MAX_MS, REBUILD_INTERVAL_MS } from "#schema/limits";
import type { SpareStatus } from "#schema/status";
import { parseSpare, serialiseSpare } from "#schema/view/spare";
import type { Journal } from "../journal/journal";
import type { Spare } from "../ledger/ledger";
import type { Clock } from "../platform/clock";
import type { Log } from "../platform/log";
import { LATE_PUT_MS } from "./keys/late-put";
import type { WriterState } from "./state/state";

/** Longest wait until two publications are 3 s apart; one that is further away is left to the next beat. */
const PUBLISH_WAIT_MAX_MS = 500;

/** A spare that could not be published for this long is reported as a fault; single rejections are usual. */
const SPARE_LATE_MS = 60_000;

/** The interval doubles with each rejected publication in a row, this often: up to 96 s. */
const BACKOFF_MAX = 5;

export interface PublisherParts {
  clock: Clock;
  spare: Spare;
  /** Stores the published sequence, so that a restart does not publish it again. */
  journal: Pick<Journal, "published" | "publish">;
  log: Log;
  /** The sequence before the wall's first change. */
  birth: number;
  state: WriterState;
  rebuiltAt: () => number;
  isPaused: () => boolean;
  /** Takes another store name, for sequences after `published`. */
  rename: (published: number) => void;
}

export class Publisher {
  readonly #parts: PublisherParts;
  #publishing = false;
  #isClosed = false;
  #publishedAt = 0;
  #publishedSequence: number;
  /** The journal's sequence at the start; `null` once it was compared with the published one. */
  #startSequence: number | null;
  /** Number of calls of `outdate`. */
  #outdated = 0;
  /** Rejected publications in a row. */
  #refusals = 0;
  #failingSince: number | null = null;
  /** Time of this incarnation's last publication, in ms; `null` if there was none. */
  #succeededAt: number | null = null;
  /** When the snapshot is published once more, in ms, in case a late put overwrote it. */
  #publishAgainAt = Number.POSITIVE_INFINITY;

  constructor(parts: PublisherParts) {
    this.#parts = parts;
    this.#publishedSequence = parts.journal.published();
    this.#startSequence = parts.state.view.sequence;
    // The previous incarnation may have ended during a put.
    const isNew = parts.state.view.sequence === parts.birth;
    if (this.#isOutdated && !isNew) this.#publishAgainAt = parts.clock.now() + LATE_PUT_MS;
  }

  /** Due time of the next publication, in ms; `null` if there is none. */
  get dueAt(): number | null {
    this.#correctFutureTimes();
    const spacing = REBUILD_INTERVAL_MS * 2 ** Math.min(this.#refusals, BACKOFF_MAX);
    const next = this.#publishedAt + spacing;
    if (this.#isOutdated) return next;
    const again = this.#publishAgainAt;
    return again === Number.POSITIVE_INFINITY ? null : Math.max(next, again);
  }

  get isFailing(): boolean {
    this.#correctFutureTimes();
    const since = this.#failingSince;
    return since !== null && this.#parts.clock.now() - since >= SPARE_LATE_MS;
  }

  status(): SpareStatus {
    return { publishedAt: this.#succeededAt, failingSince: this.#failingSince };
  }

  /** Stops it: another publisher continues, and this one's snapshots would replace newer ones. */
  close(): void {
    this.#isClosed = true;
  }

  /** Marks the published snapshot as outdated though no comment changed. */
  outdate(): void {
    this.#outdated += 1;
    this.#publishedSequence = -1;
    this.#parts.journal.publish(-1);
  }

  /** Publishes if that is due. Returns `false` if it was tried and failed. */
  async publish(): Promise<boolean> {
    const { clock, spare, journal, log, state, rebuiltAt, isPaused } = this.#parts;
    this.#correctFutureTimes();
    const isDueAgain = clock.now() >= this.#publishAgainAt;
    if (!this.#isOutdated && !isDueAgain) return true;
    const wait = (this.dueAt ?? 0) - clock.now();
    if (wait > PUBLISH_WAIT_MAX_MS || this.#publishing || this.#isClosed) return true;
    this.#publishing = true;
    try {
      if (wait > 0) await clock.sleep(wait);
      await this.#detectRestore();
      if (this.#isClosed) return true;
      const { view } = state;
      const { sequence } = view;
      const outdated = this.#outdated;
      this.#publishedAt = clock.now();
      await spare.publish(serialiseSpare(view, rebuiltAt(), isPaused()));
      if (isDueAgain) this.#publishAgainAt = Number.POSITIVE_INFINITY;
      this.#refusals = 0;
      this.#failingSince = null;
      this.#succeededAt = clock.now();
      // Outdated while it was being written: the next publication has the change.
      if (outdated !== this.#outdated) return true;
      this.#publishedSequence = sequence;
      // While an older put may still overwrite it, a restart must find it outdated.
      if (this.#publishAgainAt === Number.POSITIVE_INFINITY) journal.publish(sequence);
      return true;
    } catch (error) {
      this.#publishAgainAt = clock.now() + LATE_PUT_MS;
      this.#refusals += 1;
      this.#failingSince ??= clock.now();
      log("publish failed", { error });
      return false;
    } finally {
      this.#publishing = false;
    }
  }

  /**
   * Takes another store name if the storage was restored to an earlier time. A sequence is journaled before it is
   * published, so only then can the published one be higher than the journal's at the start. Runs once, before this
   * incarnation's first put.
   */
  async #detectRestore(): Promise<void> {
    const { spare, state, log, rename } = this.#parts;
    const start = this.#startSequence;
    if (start === null) return;
    const text = await spare.readSpare();
    const published = text === null ? null : parseSpare(text);
    const isSame = published !== null && published.view.store === state.view.store;
    if (isSame && published.view.sequence > start) {
      const { sequence } = published.view;
      log("storage restored", { journaled: start, published: sequence });
      rename(sequence);
    }
    // Only now: a rename that the storage refuses is tried again before anything is published.
    this.#startSequence = null;
  }

  /** Corrects times that lie in the future, noted by a clock that ran ahead: they would delay publications. */
  #correctFutureTimes(): void {
    const latest = this.#parts.clock.now() + CLOCK_AHEAD_MAX_MS;
    if (this.#publishedAt > latest) {
      this.#publishedAt = 0;
      // That clock also measured the wait for a late put.
      this.#publishAgainAt = latest + LATE_PUT_MS;
    }
    if ((this.#failingSince ?? 0) > latest) this.#failingSince = latest;
    const isUnset = this.#publishAgainAt === Number.POSITIVE_INFINITY;
    if (!isUnset) this.#publishAgainAt = Math.min(this.#publishAgainAt, latest + LATE_PUT_MS);
  }

  get #isOutdated(): boolean {
    return this.#parts.state.view.sequence !== this.#publishedSequence;
  }
}
