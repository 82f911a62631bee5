/**
 * Undoes removals in steps of a few milliseconds; other calls are answered in between. A begun undo is stored: after a
 * restart the next alarm or cron continues.
 */
import type { KeptMessages, KeptRemoval } from "./kept";
import type { Removals } from "./removals";

/** Pause between two steps, for waiting calls. */
const PAUSE_MS = 20;
/** The same after a step that could do nothing, because too many keys are unwritten. */
const WAIT_MS = 1_000;

export interface UndosParts {
  /** Those of the wall as it is now: it may have been cleared meanwhile. */
  kept: () => KeptMessages;
  removals: () => Pick<Removals, "restoreSome">;
  now: () => number;
  sleep: (ms: number) => Promise<void>;
}

export class Undos {
  /** Messages that this incarnation has brought back, by removal. */
  readonly #restored = new Map<number, number>();
  #underWay: Promise<void> | null = null;

  restored(id: number): number {
    return this.#restored.get(id) ?? 0;
  }

  /** Continues until all begun undos are done; a call meanwhile waits for the same run. @throws when a step fails. */
  goOn(parts: UndosParts): Promise<void> {
    this.#underWay ??= this.#goOn(parts).finally(() => {
      this.#underWay = null;
    });
    return this.#underWay;
  }

  async #goOn({ kept, removals, now, sleep }: UndosParts): Promise<void> {
    const next = (): KeptRemoval | undefined =>
      kept()
        .at(now())
        .find(({ isUndoing }) => isUndoing);
    for (let undoing = next(); undoing; undoing = next()) {
      const { id } = undoing;
      const restored = removals().restoreSome(id);
      if (restored === null) continue;
      this.#restored.set(id, this.restored(id) + restored);
      await sleep(restored > 0 ? PAUSE_MS : WAIT_MS);
    }
  }
}
