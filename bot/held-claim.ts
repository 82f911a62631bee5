/** A claim, extended for as long as the bot works on the message. */
import type { Comment } from "#schema/comment";
import type { Clock } from "./clock";
import type { Claim, Wall } from "./wall";

/** Longest time until a message of a dead bot is pending again. */
export const CLAIM_SECONDS = 30;

/** Two of three extensions may fail. */
export const EXTEND_EVERY_MS = (CLAIM_SECONDS * 1_000) / 3;

/** Pause after a failed extension. */
const RETRY_MS = 1_000;

interface ClaimParts {
  wall: Pick<Wall, "claim" | "release">;
  clock: Clock;
  /** Identifies this process. */
  instance: string;
  /** As whom it will answer. */
  name: string;
}

export class HeldClaim {
  /** The message as claimed. */
  readonly message: Comment;
  readonly #parts: ClaimParts;
  /** Until then the claim certainly lives, by the bot's own clock. */
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

  /** `null` if another bot was faster. */
  static async take(parts: ClaimParts, id: string): Promise<HeldClaim | null> {
    const safeUntil = endOfClaim(parts.clock);
    const message = await parts.wall.claim(id, claimOf(parts));
    return message && new HeldClaim(parts, message, safeUntil);
  }

  /** Aborts once another bot may claim the message. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  get isHeld(): boolean {
    return !this.lost.aborted && this.#parts.clock.now() < this.#safeUntil;
  }

  /** Stops extending; processing the message ends the claim itself. */
  end(): void {
    this.#ended.abort();
  }

  /** Makes the message pending again at once. */
  async release(): Promise<void> {
    this.end();
    // An extension that arrives after the release would claim the message again.
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
    const { wall, clock } = this.#parts;
    const safeUntil = endOfClaim(clock);
    try {
      const claimed = await wall.claim(this.message.id, claimOf(this.#parts));
      if (claimed) this.#safeUntil = safeUntil;
      else this.#lost.abort();
      return claimed !== null;
    } catch {
      // The claim still lives; the caller checks whether there is time to retry.
      return false;
    }
  }
}

/** Counted from before the request: by the wall's clock the claim ends later, never sooner. */
function endOfClaim(clock: Clock): number {
  return clock.now() + CLAIM_SECONDS * 1_000;
}

function claimOf({ instance, name }: ClaimParts): Claim {
  return { bot: instance, seconds: CLAIM_SECONDS, name };
}
