/** The claims of bots on comments, and when they end: one bot at a time per comment. */

import type { Answering } from "../live/follower";
import type { Claim } from "../record";

export class Claims {
  readonly #byId = new Map<string, Claim>();
  readonly #onAnswering: (answering: Answering) => void;

  /** `onAnswering` is called when a claim with a name begins, is extended or ends, but not when it expires. */
  constructor(onAnswering: (answering: Answering) => void = () => {}) {
    this.#onAnswering = onAnswering;
  }

  /** The claim that is live at `now`. */
  live(id: string, now: number): Claim | undefined {
    const claim = this.#byId.get(id);
    return claim && claim.until > now ? claim : undefined;
  }

  /** The ids of the comments that are claimed at `now`. */
  liveIds(now: number): string[] {
    return [...this.#byId.values()].flatMap(({ id, until }) => (until > now ? id : []));
  }

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  put(claim: Claim): void {
    const { id, name, until } = claim;
    if (name === undefined) this.hide(id);
    this.#byId.set(id, claim);
    if (name !== undefined) this.#onAnswering({ id, name, until });
  }

  end(id: string): void {
    this.hide(id);
    this.#byId.delete(id);
  }

  /** The answer has come: the claim lives on without its name. */
  hide(id: string): void {
    const claim = this.#byId.get(id);
    if (claim?.name === undefined) return;
    this.#byId.set(id, { ...claim, name: undefined });
    this.#onAnswering({ id, name: claim.name, until: 0 });
  }

  forget(now: number): void {
    for (const { id, until } of this.#byId.values()) if (until <= now) this.#byId.delete(id);
  }
}
