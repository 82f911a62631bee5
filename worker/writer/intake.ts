/** Takes messages into the single writer: from bots, from everyone (`sqlite`), from imports. Each only once. */
import type { StoredComment } from "#schema/comment";
import { makeId, suffixOf, timestampOf } from "#schema/id";
import type { Imported } from "#schema/move";
import type { Accepted, Blocked, Paused } from "../contract/answers";
import type { Ledger } from "../ledger/ledger";
import { type MessageStore, recordsIn } from "../ledger/messages";
import type { Clock } from "../platform/clock";
import type { Lookup } from "./lookup";
import type { Sequencer } from "./sequencer";
import type { WriterState } from "./state/state";

interface IntakeParts {
  clock: Clock;
  /** In Workers KV. */
  ledger: Ledger;
  /** The wall's comments on the `sqlite` ledger; absent on `kv`. */
  messages: MessageStore | undefined;
  state: WriterState;
  sequencer: Sequencer;
  lookup: Lookup;
  /** Whether posting is paused. Retries of accepted messages are answered even then. */
  isPaused: () => boolean;
  /** Until when posts from a network are refused, in ms; `null` if they are not. */
  blockedUntil: (network: string) => number | null;
  /** Whether so many changes wait for their keys that no further one is accepted. */
  isFull: () => boolean;
  /** Called when the entrypoint is about to write the key of this comment. */
  onAccepted: (id: string) => void;
}

export class Intake {
  readonly #parts: IntakeParts;
  readonly #state: WriterState;

  constructor(parts: IntakeParts) {
    this.#parts = parts;
    this.#state = parts.state;
  }

  /**
   * Gives a bot's message with a nonce its one id, journaled before the message is stored, so that every retry gets
   * the first attempt's id. `null` while the first attempt can't be read, or too many keys are unwritten.
   */
  async accept(comment: StoredComment): Promise<Accepted | Paused | null> {
    this.#parts.sequencer.commit();
    const first = this.#state.nonces.find(comment);
    if (first !== undefined) return this.#repeat(comment, first);
    if (this.#parts.isPaused()) return { isPaused: true };
    if (this.#parts.isFull()) return null;
    this.#parts.sequencer.commit([{ record: comment, unwritten: true }]);
    const accepted = this.#state.unwritten.get(comment.id) as StoredComment;
    this.#parts.onAccepted(comment.id);
    return { comment: accepted, isNew: true, isStored: false };
  }

  /**
   * Stores a message in the rebuilder's own SQLite, with an id from the rebuilder's clock. A retry gets the first
   * attempt, even within the same request. `null` as in `accept`.
   * @throws when the wall's comments are in KV.
   */
  async append(
    draft: StoredComment,
    network?: string,
  ): Promise<Accepted | Paused | Blocked | null> {
    const { clock, messages } = this.#parts;
    if (!messages) throw new Error("this wall's comments are in KV: move them to SQLite first");
    this.#parts.sequencer.commit();
    const now = clock.now();
    const suffix = suffixOf(draft.id);
    const first = this.#state.nonces.ofCopy(makeId(now, suffix));
    if (first !== undefined) return this.#repeat(draft, first);
    if (this.#parts.isPaused()) return { isPaused: true };
    const blockedUntil = network === undefined ? null : this.#parts.blockedUntil(network);
    if (blockedUntil !== null) return { blockedUntil };
    // Newer than every stored message: ids ascend with their sequences, even when the clock steps back.
    const timestamp = Math.max(now, messages.newest() + 1);
    const record = { ...draft, id: makeId(timestamp, suffix), timestamp };
    this.#parts.sequencer.commit([{ record, born: true }]);
    const comment = this.#state.known(record.id) as StoredComment;
    return { comment, isNew: true, isStored: true };
  }

  /** The first attempt of a message with a nonce; `null` if there was none, or it can't be read. */
  async firstCopy(draft: StoredComment): Promise<Accepted | null> {
    this.#parts.sequencer.commit();
    const first = this.#state.nonces.ofCopy(draft.id);
    return first === undefined ? null : this.#repeat(draft, first);
  }

  /** Imports comments. Known comments are left as they are; of several with one id only the first is taken. */
  async import(comments: readonly StoredComment[]): Promise<Imported> {
    const { sequencer, messages, ledger } = this.#parts;
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
    for (const comment of added.values()) sequencer.arrive(comment);
    sequencer.commit();
    return { added: added.size, known: comments.length - added.size };
  }

  async #repeat(comment: StoredComment, first: string): Promise<Accepted | null> {
    // A removed message is acknowledged at every retry, and never stored again.
    const acknowledged = { ...comment, id: first, timestamp: timestampOf(first) };
    if (this.#state.isRemoved(first))
      return { comment: acknowledged, isNew: false, isStored: true };
    const known = await this.#parts.lookup.find(first);
    if (!known) return null;
    const isStored = !this.#state.unwritten.has(known.id);
    if (!isStored) this.#parts.onAccepted(known.id);
    return { comment: known, isNew: false, isStored };
  }
}
