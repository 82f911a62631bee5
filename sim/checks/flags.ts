/** Records which marks bots got confirmed, and derives the flag that each comment must have. */
import type { Change, Sync } from "#schema/change";
import type { Comment } from "#schema/comment";
import { suffixOf } from "#schema/id";
import type { Verdict } from "./violation";

/** A call that was given up takes effect within this time, or never. */
const CALL_ENDS_MS = 20_000;

interface Marked {
  value: boolean;
  askedAt: number;
  acknowledgedAt: number;
}

export class FlagBook {
  /** By id: the mark that was acknowledged last. */
  readonly #marked = new Map<string, Marked>();
  /** When each value was last requested, by suffix (which all ids of a message share) and value. */
  readonly #askedAt = new Map<string, number>();

  asked(id: string, value: boolean, now: number): void {
    this.#askedAt.set(`${suffixOf(id)} ${value}`, now);
  }

  /** Whether any bot ever requested that a mark be undone. */
  mayBeOpenAgain(id: string): boolean {
    return this.#askedAt.has(`${suffixOf(id)} false`);
  }

  acknowledged(id: string, value: boolean, askedAt: number, now: number): void {
    const known = this.#marked.get(id);
    if (known?.value === value && this.at(id, now) === value) return;
    this.#marked.set(id, { value, askedAt, acknowledgedAt: now });
  }

  /**
   * The flag that a request taken at `time` must see; `undefined` if that is uncertain, as when the other value was
   * requested since.
   */
  at(id: string, time: number): boolean | undefined {
    const marked = this.#marked.get(id);
    if (!marked || marked.acknowledgedAt >= time) return undefined;
    const otherwise = this.#askedAt.get(`${suffixOf(id)} ${!marked.value}`);
    if (otherwise !== undefined && otherwise + CALL_ENDS_MS > marked.askedAt) return undefined;
    return marked.value;
  }

  /** Checks that a comment of an answer, whose request was taken at `takenAt`, is as marked. */
  expectAnswered(comment: Comment, sync: Sync, takenAt: number, verdict: Verdict): void {
    const { id } = comment;
    const wanted = this.at(id, takenAt);
    if (wanted === undefined) return;
    const isMarked = (about: Comment) => about.id === id && about.botParams.processed === wanted;
    // A delta may show an older state first if the newer one follows in it.
    const follows = (change: Change) => "comment" in change && isMarked(change.comment);
    const isAsMarked = isMarked(comment) || (sync.changes ?? []).some(follows);
    const words = () => `${id} was marked processed: ${wanted}, but is answered otherwise`;
    verdict.expect(5, isAsMarked, words, id);
  }
}
