/** What bots were told of their marks, and what may therefore be expected of each comment's flag. */
import { suffixOf } from "#schema/id";

/** A call that was given up on has taken effect by then, or never does. */
const CALL_ENDS_MS = 20_000;

interface Marked {
  value: boolean;
  askedAt: number;
  acknowledgedAt: number;
}

export class FlagBook {
  /** By id: the mark that was acknowledged last. */
  readonly #marked = new Map<string, Marked>();
  /** By suffix, which all ids of a message share, and value: when it was asked for last. */
  readonly #askedAt = new Map<string, number>();

  asked(id: string, value: boolean, now: number): void {
    this.#askedAt.set(`${suffixOf(id)} ${value}`, now);
  }

  /** Whether anybody ever asked for a mark to be taken back. */
  mayBeOpenAgain(id: string): boolean {
    return this.#askedAt.has(`${suffixOf(id)} false`);
  }

  acknowledged(id: string, value: boolean, askedAt: number, now: number): void {
    const known = this.#marked.get(id);
    if (known?.value === value && this.at(id, now) === value) return;
    this.#marked.set(id, { value, askedAt, acknowledgedAt: now });
  }

  /**
   * What the comment's flag is, to a question that was taken at `time`; `undefined` where that is not certain,
   * as when somebody has asked for the other value since.
   */
  at(id: string, time: number): boolean | undefined {
    const marked = this.#marked.get(id);
    if (!marked || marked.acknowledgedAt >= time) return undefined;
    const otherwise = this.#askedAt.get(`${suffixOf(id)} ${!marked.value}`);
    if (otherwise !== undefined && otherwise + CALL_ENDS_MS > marked.askedAt) return undefined;
    return marked.value;
  }
}
