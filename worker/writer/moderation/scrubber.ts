/** Scrubs removed text from the database file, a while after each removal. */
import type { Clock } from "../../platform/clock";
import type { Log } from "../../platform/log";
import { forgetScrubDue, isScrubDue, noteScrubDue, scrub } from "./scrub";

/** Delay of a scrub of the file, so that several removals in a row share one. */
const SCRUB_AFTER_MS = 5_000;

interface Surroundings {
  clock: Clock;
  log: (wall: string) => Log;
}

/** Only where the file is on the operator's disk; elsewhere the platform owns it. */
export class Scrubber {
  readonly #storage: DurableObjectStorage;
  readonly #surroundings: Surroundings;
  #isDue = false;
  /** Settles when the last scrub has ended: two at once would take each other's pages. */
  #scrubbed = Promise.resolve();

  constructor(storage: DurableObjectStorage, surroundings: Surroundings) {
    this.#storage = storage;
    this.#surroundings = surroundings;
  }

  /** Scrubs if the last incarnation ended between a removal and its scrub. */
  resume(wall: string): void {
    if (isScrubDue(this.#storage)) this.scrubSoon(wall);
  }

  /** Never throws, unless the storage rejects the note that a scrub is due. */
  scrubSoon(wall: string): void {
    if (this.#isDue) return;
    noteScrubDue(this.#storage);
    this.#isDue = true;
    const { clock, log } = this.#surroundings;
    const scrubbing = async (previous: Promise<void>) => {
      await clock.sleep(SCRUB_AFTER_MS);
      await previous;
      this.#isDue = false;
      if (!(await scrub(this.#storage))) log(wall)("file too large to scrub");
      // Unless another removal came meanwhile.
      if (!this.#isDue) forgetScrubDue(this.#storage);
    };
    this.#scrubbed = scrubbing(this.#scrubbed).catch((error) =>
      log(wall)("not scrubbed", { error }),
    );
  }
}
