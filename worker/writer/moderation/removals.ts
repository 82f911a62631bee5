/** Removes comments with all their copies, and undoes an admin's removals for a while. */

import type { StoredComment } from "#schema/comment";
import { OWN_REMOVAL_MS } from "#schema/limits";
import type { OwnRemoved, Removed } from "../../contract/answers";
import type { Clock } from "../../platform/clock";
import type { Log } from "../../platform/log";
import { merge, removal } from "../../record";
import type { Lookup } from "../lookup";
import type { Publisher } from "../publisher";
import type { Sequencer } from "../sequencer";
import type { WriterState } from "../state/state";
import type { KeptMessages } from "./kept";
import type { ModerationDesk } from "./moderation";
import { provesAuthor } from "./secret";
import type { Sender } from "./senders";

/**
 * While more comments than this wait for their keys, an undo waits too: half of the number at which bots' flags are
 * refused.
 */
export const RESTORED_UNWRITTEN_MAX = 1_500;

interface RemovalsParts {
  clock: Clock;
  state: WriterState;
  sequencer: Sequencer;
  lookup: Lookup;
  publisher: Publisher;
  desk: ModerationDesk;
  kept: KeptMessages;
  /** Called with the ids of removed comments. */
  onRemoved: (ids: readonly string[]) => void;
  log: Log;
}

/** An admin's wishes for a removal. */
export interface RemovalOrder {
  reason?: string | undefined;
  /** The name of the admin's token. */
  by?: string | undefined;
  /** Remove the replies of bots, too. */
  replies?: boolean | undefined;
}

/** A part of the removal of a sender's messages. */
export interface SenderOrder extends RemovalOrder {
  sender: Sender;
  /** The removal's entry in the audit log, once something was removed. */
  entry?: number;
}

export interface RemovedSome {
  /** Messages that were not gone already. */
  removed: number;
  /** Bots' replies to them. */
  replies: number;
  entry?: number;
}

export class Removals {
  readonly #parts: RemovalsParts;

  constructor(parts: RemovalsParts) {
    this.#parts = parts;
  }

  /**
   * Removes a comment: no later answer contains it, even after stale reads or late writes, unless the removal is
   * undone. Its text is erased from the journal at once, then from its key and the spare, and kept for the undo only.
   */
  async remove(id: string, order: RemovalOrder = {}): Promise<Removed> {
    const { lookup, state, desk } = this.#parts;
    const comment = await lookup.find(id);
    if (!comment) {
      if (!state.isRemoved(id)) return lookup.notFound(id);
      this.stayRemoved([id]);
      return { state: "removed" };
    }
    const comments = [comment, ...(order.replies ? this.repliesTo([comment.id]) : [])];
    const entry = desk.note("remove", comment.id, order.reason, order.by);
    const gone = comments.map(({ id }) => id);
    this.#retractUnless(entry, () => this.#keepAndTakeDown(entry, comments, gone, true));
    return { state: "removed" };
  }

  /**
   * Removes a message for its author, within `OWN_REMOVAL_MS` of the post, for good. Not in the audit log, which is
   * the admins' and bounded. A message that is gone already counts as removed, so that a retry succeeds. If an admin
   * removed it, its author's secret erases it, so that no undo brings it back.
   */
  async removeOwn(id: string, secret: string): Promise<OwnRemoved> {
    const { clock, lookup, state } = this.#parts;
    const comment = await lookup.find(id);
    if (!comment && state.isRemoved(id)) {
      this.#eraseKept(id, secret);
      return { state: "removed" };
    }
    if (!comment) return lookup.notFound(id);
    if (!provesAuthor(secret, comment.secretHash)) return { state: "wrong" };
    if (clock.now() - comment.timestamp > OWN_REMOVAL_MS) return { state: "late" };
    this.#takeDown([comment.id]);
    return { state: "removed" };
  }

  /** Removes some of a sender's comments. The caller erases their text from the journal's rows. */
  async removeSome(ids: readonly string[], order: SenderOrder): Promise<RemovedSome> {
    const { lookup, desk, log } = this.#parts;
    const { sender, reason, by } = order;
    this.#stopUndosOf(sender);
    const wanted = this.liveOf(ids);
    const found = await lookup.readAll(wanted).catch((error) => {
      log("not kept for an undo", { error });
      return [];
    });
    // Others may be gone by now.
    const live = this.#stillHere(wanted);
    if (live.length === 0) return { removed: 0, replies: 0, ...withEntry(order.entry) };
    const own = new Set(live);
    const replies = order.replies ? this.repliesTo(live).filter(({ id }) => !own.has(id)) : [];
    const entry = order.entry ?? desk.note("remove_sender", sender, reason, by);
    const kept = found.filter(({ id }) => own.has(id));
    const gone = [...live, ...replies.map(({ id }) => id)];
    const removeAll = () => this.#keepAndTakeDown(entry, [...kept, ...replies], gone, false);
    if (order.entry === undefined) this.#retractUnless(entry, removeAll);
    else removeAll();
    return { removed: live.length, replies: replies.length, entry };
  }

  /** Removes comments that an import names as removed. */
  removeImported(ids: readonly string[]): void {
    const { desk } = this.#parts;
    const live = this.#stillHere(ids);
    if (live.length === 0) return;
    // One entry, however many they are: the log is bounded.
    const count = live.length === 1 ? "" : `, ${live.length} messages`;
    const entry = desk.note(
      "remove",
      live.length === 1 ? live[0] : undefined,
      `removed in the imported wall${count}`,
    );
    this.#retractUnless(entry, () => this.#takeDown(live));
  }

  /** Takes removed comments out of an undo that is under way: they are removed once more, and have to stay so. */
  stayRemoved(ids: readonly string[]): void {
    const { kept } = this.#parts;
    if (kept.undoing.length === 0) return;
    for (const id of ids) kept.erase(this.#firstOf(id), "under way");
  }

  /** Ends the undo of a sender's removal: all of it is removed once more. */
  #stopUndosOf(sender: Sender): void {
    const { kept, desk } = this.#parts;
    for (const { id } of kept.undoing) if (desk.entry(id)?.target === sender) kept.drop(id);
  }

  /**
   * Removes a message that was stored against a block, for good. Returns `false` for a further copy of a message that
   * was stored before: that one stays.
   */
  refuse(comment: StoredComment): boolean {
    const { sequencer, state } = this.#parts;
    sequencer.commit();
    const first = state.nonces.find(comment);
    if (first !== undefined && first !== comment.id) return false;
    if (!state.isGone(comment.id)) this.#takeDown([comment.id]);
    return true;
  }

  /** The comments with these ids that are not gone, each under the id that it is known by. */
  liveOf(ids: readonly string[]): string[] {
    const { sequencer, state } = this.#parts;
    sequencer.commit();
    // Only the nonce of a copy that was merged long ago identifies its message.
    const isInMemory = (id: string) => state.known(id) !== undefined || state.isGone(id);
    return this.#stillHere(ids.map((id) => (isInMemory(id) ? id : this.#firstOf(id))));
  }

  /** The same for ids that memory can tell of. */
  #stillHere(ids: readonly string[]): string[] {
    const { state } = this.#parts;
    const known = new Set(ids.map((id) => state.canonical(id)));
    return [...known].filter((id) => !state.isGone(id));
  }

  /** The first copy's id, by its nonce. */
  #firstOf(id: string): string {
    return this.#parts.state.nonces.ofCopy(id) ?? id;
  }

  /** The replies of bots to these messages, among the newest 5,000 that are in memory. */
  repliesTo(ids: readonly string[]): StoredComment[] {
    const { state } = this.#parts;
    const wanted = new Set(ids);
    return state.held.comments.filter(
      ({ type, replyTo }) =>
        type === "bot" && replyTo !== undefined && wanted.has(state.canonical(replyTo)),
    );
  }

  /** Begins the undo of a removal, which `restoreSome` continues. */
  beginUndo(entry: number, by?: string): void {
    const { kept, desk } = this.#parts;
    const { target } = desk.entry(entry) ?? {};
    desk.noted("undo", target, undefined, by, () => kept.begin(entry));
  }

  /**
   * Brings back some messages of a removal, each as a change with a new sequence. Returns how many, none while too many
   * keys are unwritten; `null` once all are back.
   */
  restoreSome(entry: number): number | null {
    const { state, sequencer, publisher, kept } = this.#parts;
    const next = kept.next(entry);
    if (!next) {
      kept.drop(entry);
      return null;
    }
    if (state.unwrittenComments > RESTORED_UNWRITTEN_MAX) return 0;
    sequencer.commit();
    const back = next.comments.filter(({ id }) => state.isRemoved(id));
    const copies = state.removedCopiesOf(back.map(({ id }) => id));
    sequencer.commit(
      back.flatMap((record) => [
        { record, unwritten: true as const, undone: true as const },
        ...(copies.get(record.id) ?? []).map((copy) => ({
          ...merge(copy, record.id),
          undone: true as const,
        })),
      ]),
    );
    kept.deleteRow(next.row);
    void publisher.publish();
    return back.length;
  }

  /** Whether a comment was removed, under any of its ids. */
  isRemoved(id: string): boolean {
    return this.#parts.state.isRemoved(id);
  }

  /** The text is kept first: a removal that fails after that changes nothing, and its text expires. */
  #keepAndTakeDown(
    entry: number,
    comments: readonly StoredComment[],
    gone: readonly string[],
    erasesNow: boolean,
  ): void {
    this.#parts.kept.add(entry, comments, this.#parts.clock.now());
    this.#takeDown(gone, erasesNow);
  }

  /** Takes a new entry back, unless its removal succeeds. */
  #retractUnless(entry: number, remove: () => void): void {
    try {
      remove();
    } catch (error) {
      this.#parts.kept.drop(entry);
      this.#parts.desk.retract(entry);
      throw error;
    }
  }

  #eraseKept(id: string, secret: string): void {
    const { kept } = this.#parts;
    const original = this.#firstOf(id);
    const comment = kept.find(original);
    if (comment && provesAuthor(secret, comment.secretHash)) kept.erase(original);
  }

  /** Removes merged copies too: a late write may still put their text into their keys. */
  #takeDown(ids: readonly string[], erasesNow = true): void {
    const gone = [...ids, ...this.#parts.state.copiesOf(ids)];
    // An undo that failed halfway may still have some of them.
    this.stayRemoved(ids);
    this.#parts.sequencer.commit(gone.map(removal), erasesNow);
    this.#parts.onRemoved(gone);
    void this.#parts.publisher.publish();
  }
}

function withEntry(entry: number | undefined): { entry?: number } {
  return entry === undefined ? {} : { entry };
}
