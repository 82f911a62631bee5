/** The bots that read their pending messages lately. In memory only: after a restart each is back with its next read. */
import type { PresentBot } from "#schema/bots";
import { PRESENCE_MS, PRESENT_BOTS_MAX } from "#schema/limits";

export class Presence {
  readonly #seenAt = new Map<string, number>();

  /**
   * Notes that a bot reads its pending messages. While `PRESENT_BOTS_MAX` are present, further ones are ignored, so that
   * made-up names cost no memory and names don't take turns in the list.
   */
  seen(name: string, now: number): void {
    this.#expire(now);
    if (this.#seenAt.has(name) || this.#seenAt.size < PRESENT_BOTS_MAX) this.#seenAt.set(name, now);
  }

  forget(name: string): void {
    this.#seenAt.delete(name);
  }

  /** Those present, by name. `connected` are the names of the bots that hold a live channel. */
  bots(connected: Iterable<string>, now: number): PresentBot[] {
    this.#expire(now);
    const seenAt = new Map(this.#seenAt);
    for (const name of connected) seenAt.set(name, now);
    return [...seenAt]
      .map(([name, seenAt]) => ({ name, seenAt }))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .slice(0, PRESENT_BOTS_MAX);
  }

  /** A time ahead of the clock was noted before the clock was set back. */
  #expire(now: number): void {
    for (const [name, seenAt] of this.#seenAt)
      if (Math.abs(now - seenAt) > PRESENCE_MS) this.#seenAt.delete(name);
  }
}
