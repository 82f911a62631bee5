/** A claim, kept alive for as long as a message is being worked on. */
import type { Comment } from "#schema/comment";
import type { Clock } from "./clock";
import type { Wall } from "./wall";

/** A message whose bot died is pending again after this long at most. */
export const CLAIM_SECONDS = 30;

/** Two of three extensions may fail. */
export const EXTEND_EVERY_MS = (CLAIM_SECONDS * 1_000) / 3;

/** Between two tries of an extension that failed. */
const RETRY_MS = 1_000;

interface ClaimParts {
  wall: Pick<Wall, "claim" | "release">;
  clock: Clock;
  /** Names this process. */
  instance: string;
}

export class HeldClaim {
  /** The message as it was claimed. */
  readonly message: Comment;
  readonly #parts: ClaimParts;
  /** Until when the claim surely lives, by the bot's own clock. */
  #safeUntil: number;
  readonly #lost = new AbortController();
  readonly #ended = new AbortController();
  readonly #keeping: Promise<void>;

  private constructor(parts: ClaimParts, message: Comment, safeUntil: number) {
    this.#parts = parts;
    this.message = message;
    this.#safeUntil = safeUntil;
    this.#keeping = this.#keep();
  }

  /** `null` when another bot was quicker. */
  static async take(parts: ClaimParts, id: string): Promise<HeldClaim | null> {
    const safeUntil = endOfClaim(parts.clock);
    const message = await parts.wall.claim(id, parts.instance, CLAIM_SECONDS);
    return message && new HeldClaim(parts, message, safeUntil);
  }

  /** Aborts when another bot may have the message. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  get isHeld(): boolean {
    return !this.lost.aborted && this.#parts.clock.now() < this.#safeUntil;
  }

  /** Stops extending; the claim itself ends with the message's processing. */
  end(): void {
    this.#ended.abort();
  }

  /** Makes the message pending again at once. */
  async release(): Promise<void> {
    this.end();
    // An extension on its way that arrives after the release would claim it once more.
    await this.#keeping;
    await this.#parts.wall.release(this.message.id, this.#parts.instance);
  }

  async #keep(): Promise<void> {
    const { clock } = this.#parts;
    await clock.sleep(EXTEND_EVERY_MS, this.#ended.signal);
    while (!this.#ended.signal.aborted) {
      const isExtended = await this.#extend();
      if (!this.isHeld) return this.#lost.abort();
      await clock.sleep(isExtended ? EXTEND_EVERY_MS : RETRY_MS, this.#ended.signal);
    }
  }

  async #extend(): Promise<boolean> {
    const { wall, clock, instance } = this.#parts;
    const safeUntil = endOfClaim(clock);
    try {
      const claimed = await wall.claim(this.message.id, instance, CLAIM_SECONDS);
      if (claimed) this.#safeUntil = safeUntil;
      else this.#lost.abort();
      return claimed !== null;
    } catch {
      // The claim lives on; whether there is time for another try is asked next.
      return false;
    }
  }
}

/** Counted from before the wall is asked: by its clock the claim ends later, never sooner. */
function endOfClaim(clock: Clock): number {
  return clock.now() + CLAIM_SECONDS * 1_000;
}
