/** The claims of bots on comments, and when they end: one bot at a time per comment. */

import type { Claim } from "../record";

export class Claims {
  readonly #byId = new Map<string, Claim>();

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
    this.#byId.set(claim.id, claim);
  }

  end(id: string): void {
    this.#byId.delete(id);
  }

  forget(now: number): void {
    for (const { id, until } of this.#byId.values()) if (until <= now) this.#byId.delete(id);
  }
}
