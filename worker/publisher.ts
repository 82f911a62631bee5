/** Publishes the newest 500 as the spare when they changed, at most once in 3 s. Its failure harms nothing. */
import { REBUILD_INTERVAL_MS } from "#schema/limits";
import { serialiseSpare } from "#schema/spare";
import type { Clock } from "./clock";
import { LATE_PUT_MS } from "./late-put";
import type { Spare } from "./ledger/ledger";
import type { Log } from "./log";
import type { WallState } from "./wall-state";

/** How long a publication waits so that two of them stand 3 s apart, rather than be left out. */
const PUBLISH_WAIT_MAX_MS = 500;

interface PublisherParts {
  clock: Clock;
  spare: Spare;
  log: Log;
  state: WallState;
  rebuiltAt: () => number;
  isPaused: () => boolean;
}

export class Publisher {
  readonly #parts: PublisherParts;
  #publishing = false;
  #publishedAt = 0;
  #publishedSequence = -1;
  /** When what is published is published once more, lest a late put has undone it. */
  #publishAgainAt: number;

  constructor(parts: PublisherParts) {
    this.#parts = parts;
    this.#publishAgainAt = parts.clock.now() + LATE_PUT_MS;
  }

  /** What was published says something else than the wall does now, though no comment changed. */
  outdate(): void {
    this.#publishedSequence = -1;
  }

  async publish(): Promise<void> {
    const { clock, spare, log, state, rebuiltAt, isPaused } = this.#parts;
    const { view } = state;
    const isDueAgain = clock.now() >= this.#publishAgainAt;
    if (view.sequence === this.#publishedSequence && !isDueAgain) return;
    const wait = this.#publishedAt + REBUILD_INTERVAL_MS - clock.now();
    if (wait > PUBLISH_WAIT_MAX_MS || this.#publishing) return;
    this.#publishing = true;
    try {
      if (wait > 0) await clock.sleep(wait);
      const { sequence } = view;
      this.#publishedAt = clock.now();
      await spare.publish(serialiseSpare(view, rebuiltAt(), isPaused()));
      this.#publishedSequence = sequence;
      if (isDueAgain) this.#publishAgainAt = Number.POSITIVE_INFINITY;
    } catch (error) {
      this.#publishAgainAt = clock.now() + LATE_PUT_MS;
      log("publish failed", { error });
    } finally {
      this.#publishing = false;
    }
  }
}
