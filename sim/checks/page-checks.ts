/** Checks the messages that a page shows, whether it polls or follows the live channel: invariants 3, 4 and 10. */
import { HISTORY_MAX_COMMENTS, type WallStore } from "#client/wall/wall-store";
import { parseCursor } from "#schema/cursor";
import type { History } from "./history";
import type { Verdict } from "./violation";

export class PageChecks {
  readonly confirmed = new Set<string>();
  readonly #parts: { verdict: Verdict; history: History };
  readonly #name: string;
  #store: WallStore;
  #cursor: string | null = null;
  /** The ids that it held last, by text. */
  #held = new Map<string, string>();

  constructor(parts: { verdict: Verdict; history: History }, name: string, store: WallStore) {
    this.#parts = parts;
    this.#name = name;
    this.#store = store;
  }

  /** The page begins with nothing. */
  reload(store: WallStore): void {
    this.#store = store;
    this.#cursor = null;
    this.#held = new Map();
  }

  cursor(): void {
    const before = parseCursor(this.#cursor ?? "");
    this.#cursor = this.#store.cursor;
    const now = parseCursor(this.#cursor ?? "");
    const isBack = now && before?.store === now.store && now.sequence < before.sequence;
    const name = this.#name;
    this.#parts.verdict.expect(10, !isBack, () => `${name}'s cursor went back`, name);
  }

  look(): void {
    const { verdict, history } = this.#parts;
    const name = this.#name;
    const { comments } = this.#store.snapshot();
    history.expectOrder(name, comments);
    const held = new Map(comments.map(({ id, text }) => [text, id]));
    verdict.looked(4);
    // A full page drops its oldest comments.
    if (comments.length >= HISTORY_MAX_COMMENTS) this.#held.clear();
    // If a message has two ids, the page may have held the one that was merged away, and the other may be older
    // than everything that it received.
    for (const [text, id] of this.#held)
      if (!held.has(text) && !history.wasRemoved(id))
        verdict.fail(4, `${name} no longer holds “${text}”`, name, text, id);
    this.#held = held;
    const now = parseCursor(this.#store.cursor ?? "");
    if (now) history.expectNewest(name, now, comments, this.confirmed);
  }
}
