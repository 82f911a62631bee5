import { makeId } from "#schema/id";
import { suffixes } from "#worker/entrypoint/suffix";

/** The messages that each sender sent, acknowledged or not. */
export class SenderBook {
  readonly #suffixes = new Map<string, Set<string>>();
  readonly #underWay = new Map<string, { asked: (id: string) => void }>();

  sent(name: string, nonce: string): void {
    const suffix = suffixes.ofNonce("human", nonce);
    const all = this.#suffixes.get(name) ?? new Set();
    this.#suffixes.set(name, all.add(suffix));
    this.#underWay.get(name)?.asked(makeId(0, suffix));
  }

  /** The sender of a text; `null` for senders that are never removed. */
  nameOf(text: string): string | null {
    return /^(person-\d+) says /.exec(text)?.[1] ?? null;
  }

  removing(name: string, removals: { asked: (id: string) => void }): void {
    for (const suffix of this.#suffixes.get(name) ?? []) removals.asked(makeId(0, suffix));
    this.#underWay.set(name, removals);
  }

  removed(name: string): void {
    this.#underWay.delete(name);
  }
}
