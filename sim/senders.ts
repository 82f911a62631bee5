import { makeId } from "#schema/id";
import { suffixes } from "#worker/entrypoint/suffix";

/** Which messages each sender has sent, told or not. */
export class SenderBook {
  readonly #suffixes = new Map<string, Set<string>>();
  readonly #underWay = new Map<string, { asked: (id: string) => void }>();

  sent(name: string, nonce: string): void {
    const suffix = suffixes.ofNonce("human", nonce);
    const all = this.#suffixes.get(name) ?? new Set();
    this.#suffixes.set(name, all.add(suffix));
    this.#underWay.get(name)?.asked(makeId(0, suffix));
  }

  /** Whoever wrote this; `null` for those who are not taken down. */
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
