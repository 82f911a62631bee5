/** Flags, merges, removals and undone removals of comments that memory may no longer hold. */
import type { StoredRemoval } from "#schema/comment";
import { isSameMessage, suffixOf } from "#schema/id";
import { CLOCK_AHEAD_MAX_MS, NONCE_LIFETIME_MS } from "#schema/limits";
import type { Mark } from "../../record";

/**
 * How long a flag or a merge is remembered after it was written to the comment's key. KV may answer with an older
 * value for a minute "or more"; an hour leaves room for a very long tail.
 */
const MARK_LIFETIME_MS = 60 * 60 * 1_000;

/**
 * How long a removal is remembered here; after that only its key has it. A copy of the message may be stored as long
 * as its nonce counts, and found an hour later, if its notice was lost and the writer was down.
 */
export const REMOVAL_MARK_LIFETIME_MS = NONCE_LIFETIME_MS + 60 * 60 * 1_000;

/**
 * Most removals remembered here, 36 MB: almost one a second for as long as they last. Beyond that only their keys have
 * the oldest, which suffices unless a late write or another copy contradicts one.
 */
export const REMOVALS_MAX = 80_000;

export class Marks {
  /** Oldest first, more or less: a mark that is set again keeps its place. */
  readonly #all = new Map<string, Mark>();
  /** The ids that were removed as such, by suffix: copies of one message share theirs. */
  readonly #removed = new Map<string, string[]>();
  #removals = 0;

  get(id: string): Mark | undefined {
    return this.#all.get(id);
  }

  values(): IterableIterator<Mark> {
    return this.#all.values();
  }

  set(mark: Mark): void {
    const { id } = mark;
    const before = this.#all.get(id);
    if (before?.removed) this.#forgetRemoval(before);
    this.#all.set(id, mark);
    if (!mark.removed) return;
    this.#removals += 1;
    // A copy does not extend the 24 hours in which others are copies, too.
    if (!mark.isCopy) this.#removed.set(suffixOf(id), [...this.#removedLike(id), id]);
  }

  /** Sets when a comment was marked. */
  setAt(id: string, at: number): void {
    const mark = this.#all.get(id);
    if (mark) this.set({ ...mark, at });
  }

  /**
   * Marks a comment as removed. A tombstone that is older than the comment's undo is stale: returns `false`, and
   * changes nothing.
   */
  remove({ id, sequence }: StoredRemoval, at: number): boolean {
    const known = this.#all.get(id);
    if (known?.undone && known.sequence > sequence) return false;
    const isCopy = this.isRemoved(id) && !this.#removedLike(id).includes(id);
    this.set({ id, sequence, at, removed: true, ...(isCopy && { isCopy }) });
    return true;
  }

  /** The id under which a comment is known, following merges. */
  canonical(id: string): string {
    let known = id;
    for (let mark = this.#all.get(known); mark?.mergedInto; mark = this.#all.get(known))
      known = mark.mergedInto;
    return known;
  }

  /** Whether a comment was removed, under any of its ids, even if this one was never seen. */
  isRemoved(id: string): boolean {
    if (this.#all.get(id)?.removed) return true;
    return this.#removedLike(id).some((known) => isSameMessage(known, id));
  }

  /** The ids of copies that were merged into these comments. */
  copiesOf(ids: readonly string[]): string[] {
    const wanted = new Set(ids);
    const copies: string[] = [];
    for (const { id, mergedInto } of this.#all.values())
      if (mergedInto !== undefined && wanted.has(this.canonical(id))) copies.push(id);
    return copies;
  }

  /** The ids of removed copies of these messages, by the message's id. */
  removedCopiesOf(ids: readonly string[]): Map<string, string[]> {
    const bySuffix = new Map(ids.map((id) => [suffixOf(id), id]));
    const copies = new Map<string, string[]>();
    for (const { id, removed } of this.#all.values()) {
      const original = removed && bySuffix.get(suffixOf(id));
      if (!original || original === id || !isSameMessage(original, id)) continue;
      copies.set(original, [...(copies.get(original) ?? []), id]);
    }
    return copies;
  }

  /** Removals that were settled in the future, by a clock that ran ahead. */
  removedAhead(now: number): Mark[] {
    return [...this.#all.values()].filter(
      ({ removed, at }) => removed && at > now + CLOCK_AHEAD_MAX_MS,
    );
  }

  /** Drops expired marks, which no stale read can contradict any more, unless their keys are not written yet. */
  forget(now: number, isUnwritten: (id: string) => boolean): void {
    for (const mark of this.#all.values())
      if (mark.at < now - lifetimeOf(mark) && !isUnwritten(mark.id)) this.#delete(mark);
    if (this.#removals <= REMOVALS_MAX) return;
    for (const mark of this.#all.values()) {
      if (mark.removed && !isUnwritten(mark.id)) this.#delete(mark);
      if (this.#removals <= REMOVALS_MAX) break;
    }
  }

  #delete(mark: Mark): void {
    this.#all.delete(mark.id);
    if (mark.removed) this.#forgetRemoval(mark);
  }

  #forgetRemoval({ id }: Mark): void {
    this.#removals -= 1;
    const others = this.#removedLike(id).filter((known) => known !== id);
    if (others.length > 0) this.#removed.set(suffixOf(id), others);
    else this.#removed.delete(suffixOf(id));
  }

  /** The ids with the suffix of `id` that were removed as such. */
  #removedLike(id: string): readonly string[] {
    return this.#removed.get(suffixOf(id)) ?? [];
  }
}

function lifetimeOf({ removed }: Mark): number {
  return removed ? REMOVAL_MARK_LIFETIME_MS : MARK_LIFETIME_MS;
}
