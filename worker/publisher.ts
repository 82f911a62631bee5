/** Publishes the newest 500 as the spare when they changed, at most once in 3 s. Its failure harms nothing. */
import { CLOCK_AHEAD_MAX_MS, REBUILD_INTERVAL_MS } from "#schema/limits";
import { serialiseSpare } from "#schema/spare";
import type { Clock } from "./clock";
import type { Journal } from "./journal/journal";
import { LATE_PUT_MS } from "./late-put";
import type { Spare } from "./ledger/ledger";
import type { Log } from "./log";
import type { WallState } from "./wall-state";

/** How long a publication waits so that two of them stand 3 s apart, rather than be left out. */
const PUBLISH_WAIT_MAX_MS = 500;

/** Where publications are refused, each is tried twice as long after the last, up to a minute and a half. */
const BACKOFF_MAX = 5;

interface PublisherParts {
  clock: Clock;
  spare: Spare;
  /** Remembers what was published, so that a start does not publish it again. */
  journal: Pick<Journal, "published" | "publish">;
  log: Log;
  /** The sequence before the wall's first change. */
  birth: number;
  state: WallState;
  rebuiltAt: () => number;
  isPaused: () => boolean;
}

export class Publisher {
  readonly #parts: PublisherParts;
  #publishing = false;
  #publishedAt = 0;
  #publishedSequence: number;
  /** How often what is published was said to be outdated. */
  #outdated = 0;
  /** Publications in a row that were refused. */
  #refusals = 0;
  /** When what is published is published once more, lest a late put has undone it. */
  #publishAgainAt = Number.POSITIVE_INFINITY;

  constructor(parts: PublisherParts) {
    this.#parts = parts;
    this.#publishedSequence = parts.journal.published();
    // The incarnation before this one may have ended in the middle of a put.
    const isNew = parts.state.view.sequence === parts.birth;
    if (this.#isOutdated && !isNew) this.#publishAgainAt = parts.clock.now() + LATE_PUT_MS;
  }

  /** When the next publication is due, in ms; `null` when there is none. */
  get dueAt(): number | null {
    this.#correct();
    const spacing = REBUILD_INTERVAL_MS * 2 ** Math.min(this.#refusals, BACKOFF_MAX);
    const next = this.#publishedAt + spacing;
    if (this.#isOutdated) return next;
    const again = this.#publishAgainAt;
    return again === Number.POSITIVE_INFINITY ? null : Math.max(next, again);
  }

  /** What was published says something else than the wall does now, though no comment changed. */
  outdate(): void {
    this.#outdated += 1;
    this.#publishedSequence = -1;
    this.#parts.journal.publish(-1);
  }

  /** Whether that, if it was tried, was taken. */
  async publish(): Promise<boolean> {
    const { clock, spare, journal, log, state, rebuiltAt, isPaused } = this.#parts;
    const { view } = state;
    this.#correct();
    const isDueAgain = clock.now() >= this.#publishAgainAt;
    if (!this.#isOutdated && !isDueAgain) return true;
    const wait = (this.dueAt ?? 0) - clock.now();
    if (wait > PUBLISH_WAIT_MAX_MS || this.#publishing) return true;
    this.#publishing = true;
    try {
      if (wait > 0) await clock.sleep(wait);
      const { sequence } = view;
      const outdated = this.#outdated;
      this.#publishedAt = clock.now();
      await spare.publish(serialiseSpare(view, rebuiltAt(), isPaused()));
      if (isDueAgain) this.#publishAgainAt = Number.POSITIVE_INFINITY;
      this.#refusals = 0;
      // Outdated while it was being written: the next one says what has changed.
      if (outdated !== this.#outdated) return true;
      this.#publishedSequence = sequence;
      // As long as an older put may undo it, a start shall find it outdated.
      if (this.#publishAgainAt === Number.POSITIVE_INFINITY) journal.publish(sequence);
      return true;
    } catch (error) {
      this.#publishAgainAt = clock.now() + LATE_PUT_MS;
      this.#refusals += 1;
      log("publish failed", { error });
      return false;
    } finally {
      this.#publishing = false;
    }
  }

  /** Takes back what a clock noted that was ahead and has been set right: it would put publications off. */
  #correct(): void {
    const latest = this.#parts.clock.now() + CLOCK_AHEAD_MAX_MS;
    if (this.#publishedAt > latest) this.#publishedAt = 0;
    const isUnset = this.#publishAgainAt === Number.POSITIVE_INFINITY;
    if (!isUnset) this.#publishAgainAt = Math.min(this.#publishAgainAt, latest + LATE_PUT_MS);
  }

  get #isOutdated(): boolean {
    return this.#parts.state.view.sequence !== this.#publishedSequence;
  }
}
