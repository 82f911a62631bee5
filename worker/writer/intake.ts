/** How messages come to the single writer: from bots, from everybody, from elsewhere. Each of them once. */
import type { StoredComment } from "#schema/comment";
import { makeId, suffixOf, timestampOf } from "#schema/id";
import type { Imported } from "#schema/move";
import type { Accepted, Paused } from "../contract/answers";
import type { Ledger } from "../ledger/ledger";
import { type MessageStore, recordsIn } from "../ledger/messages";
import type { Clock } from "../platform/clock";
import type { Lookup } from "./lookup";
import type { Chronicle } from "./sequencer";
import type { WallState } from "./state/state";

interface IntakeParts {
  clock: Clock;
  /** In Workers KV. */
  ledger: Ledger;
  /** Where the wall's comments are instead, with `sqlite`. */
  messages: MessageStore | undefined;
  state: WallState;
  chronicle: Chronicle;
  lookup: Lookup;
  /** Whether the wall takes no messages. What it took before is told of all the same. */
  isPaused: () => boolean;
  /** Whether so many changes wait for their keys that no further one may. */
  isFull: () => boolean;
  /** The entrypoint is about to write the key of this comment. */
  onAccepted: (id: string) => void;
}

export class Intake {
  readonly #parts: IntakeParts;
  readonly #state: WallState;

  constructor(parts: IntakeParts) {
    this.#parts = parts;
    this.#state = parts.state;
  }

  /**
   * Gives a bot's message with a nonce its one id, journaled before it is stored, so that every
   * further attempt is told of the first; `null` while the first can't be read, or too many keys are unwritten.
   */
  async accept(comment: StoredComment): Promise<Accepted | Paused | null> {
    this.#parts.chronicle.commit();
    const first = this.#state.nonces.find(comment);
    if (first !== undefined) return this.#repeat(comment, first);
    if (this.#parts.isPaused()) return { isPaused: true };
    if (this.#parts.isFull()) return null;
    this.#parts.chronicle.commit([{ record: comment, unwritten: true }]);
    const accepted = this.#state.unwritten.get(comment.id) as StoredComment;
    this.#parts.onAccepted(comment.id);
    return { comment: accepted, isNew: true, isStored: false };
  }

  /**
   * Takes a message into the rebuilder's own SQLite, under an id of its own clock; one that came
   * before, be it moments ago in the same request, is told of the first. `null` as in `accept`.
   * @throws when the wall's comments are elsewhere.
   */
  async append(draft: StoredComment): Promise<Accepted | Paused | null> {
    const { clock, messages } = this.#parts;
    if (!messages) throw new Error("this wall's comments are in KV: move them to SQLite first");
    this.#parts.chronicle.commit();
    const now = clock.now();
    const suffix = suffixOf(draft.id);
    const first = this.#state.nonces.ofCopy(makeId(now, suffix));
    if (first !== undefined) return this.#repeat(draft, first);
    if (this.#parts.isPaused()) return { isPaused: true };
    // Younger than all that is there: ids ascend with their sequences, also when the clock steps back.
    const timestamp = Math.max(now, messages.newest() + 1);
    const record = { ...draft, id: makeId(timestamp, suffix), timestamp };
    this.#parts.chronicle.commit([{ record, born: true }]);
    const comment = this.#state.known(record.id) as StoredComment;
    return { comment, isNew: true, isStored: true };
  }

  /** Takes comments from elsewhere; those that are there are left as they are, as is all but the first of one id. */
  async import(comments: readonly StoredComment[]): Promise<Imported> {
    const { chronicle, messages, ledger } = this.#parts;
    const records = messages ? recordsIn(messages) : ledger;
    const entries = await records.read(comments.map(({ id }) => id));
    const added = new Map<string, StoredComment>();
    for (const comment of comments) {
      const { id } = comment;
      if (added.has(id) || entries.get(id) || this.#state.known(id) || this.#state.isGone(id))
        continue;
      added.set(id, comment);
    }
    if (!messages) await Promise.all([...added.values()].map((comment) => ledger.append(comment)));
    for (const comment of added.values()) chronicle.arrive(comment);
    chronicle.commit();
    return { added: added.size, known: comments.length - added.size };
  }

  async #repeat(comment: StoredComment, first: string): Promise<Accepted | null> {
    // What was taken down is accepted as often as it is sent, and never stored again.
    const taken = { ...comment, id: first, timestamp: timestampOf(first) };
    if (this.#state.isRemoved(first)) return { comment: taken, isNew: false, isStored: true };
    const known = await this.#parts.lookup.find(first);
    if (!known) return null;
    const isStored = !this.#state.unwritten.has(known.id);
    if (!isStored) this.#parts.onAccepted(known.id);
    return { comment: known, isNew: false, isStored };
  }
}
