/** The object's part of moderation: the calls that need its tables, and the work that goes on after an answer. */
import type { StoredComment } from "#schema/comment";
import type { Imported } from "#schema/move";
import type { Busy, UndoAnswer } from "../../contract/answers";
import type { WriterCalls } from "../../contract/writer-calls";
import type { Clock } from "../../platform/clock";
import type { Log } from "../../platform/log";
import type { Tables } from "../tables";
import type { Writer } from "../writer";
import { previewRemoval } from "./preview";
import { Undos } from "./undos";

/** Longest wait of an admin for the end of a removal: less than the entrypoint waits for this object. */
const TAKEDOWN_ANSWER_MS = 1_500;

interface ObjectModerationParts {
  tables: () => Tables;
  writer: (wall: string) => Writer;
  /** Erases deleted text from the database file soon, where that is needed. */
  scrubSoon: (wall: string) => void;
  clock: Clock;
  log: (wall: string) => Log;
}

export class ObjectModeration {
  readonly #parts: ObjectModerationParts;
  readonly #undos = new Undos();

  constructor(parts: ObjectModerationParts) {
    this.#parts = parts;
  }

  calls(wall: string) {
    return {
      remove: async (id, reason, by, replies) => {
        const removed = await this.#parts.writer(wall).remove(id, reason, by, replies);
        this.#parts.scrubSoon(wall);
        return removed;
      },
      removeOwn: async (id, secret) => {
        const removed = await this.#parts.writer(wall).removeOwn(id, secret);
        if (removed.state === "removed") this.#parts.scrubSoon(wall);
        return removed;
      },
      removeSender: async (id, reason, by, replies) => {
        const sender = this.#tables.senders.senderOf(id);
        if (sender === null) return null;
        const takedown = this.#tables.takedowns.begin(sender, { reason, by, replies });
        // A longer removal continues after the answer.
        await Promise.race([this.#takeDown(wall), this.#parts.clock.sleep(TAKEDOWN_ANSWER_MS)]);
        const { removed, repliesRemoved, isDone } = takedown;
        return { removed, ...(repliesRemoved && { replies: repliesRemoved }), done: isDone };
      },
      previewRemoval: (id) =>
        previewRemoval(id, {
          senders: this.#tables.senders,
          writer: this.#parts.writer(wall),
          clock: this.#parts.clock,
        }),
      block: async (id, hours, reason, by) => {
        const sender = this.#tables.senders.senderOf(id);
        if (sender === null) return { state: "unknown" };
        return this.#parts.writer(wall).blocks.block(sender, hours, reason, by);
      },
      unblock: async (entry, by) => this.#parts.writer(wall).blocks.unblock(entry, by),
      blockedUntil: async (network) => this.#parts.writer(wall).blocks.until(network),
      undoRemoval: (entry, by) => this.#undo(wall, entry, by),
      moderation: async () => {
        const moderation = this.#parts.writer(wall).moderation();
        const { takedowns, kept, blocks } = this.#tables;
        const blocked = blocks.at(this.#parts.clock.now());
        const removing = takedowns.open.map(({ sender, removed }) => ({ sender, removed }));
        const undo = kept.at(this.#parts.clock.now()).map(({ id, until, count, isUndoing }) => ({
          id,
          until,
          count,
          ...(isUndoing && { isUndoing }),
        }));
        return {
          ...moderation,
          ...(removing.length > 0 && { removing }),
          ...(undo.length > 0 && { undo }),
          ...(blocked.length > 0 && { blocks: blocked }),
        };
      },
      import: (comments, removed) => this.#import(wall, comments, removed),
      removedSince: async (since, end) => {
        const { cursor } = this.#parts.writer(wall);
        const removed = this.#tables.removalLog.since(cursor, since, end);
        return { ...removed, at: this.#parts.clock.now() };
      },
    } satisfies Partial<WriterCalls>;
  }

  /** Continues what admins began, and erases the text of removals that can't be undone any more. Never throws. */
  keep(wall: string): void {
    this.expire(wall);
    void this.#takeDown(wall);
    void this.#goOnUndoing(wall);
  }

  async #import(
    wall: string,
    comments: readonly StoredComment[],
    removed?: readonly string[],
  ): Promise<Imported | Busy> {
    const rebuilder = this.#parts.writer(wall);
    const { removalLog } = this.#tables;
    // Noted first: an import that fails may have written some keys, and its retry finds them as known.
    const note = comments.length > 0 && removalLog.beginImport(rebuilder.cursor.sequence);
    const imported = await rebuilder.import(comments, removed);
    if (note) {
      const isAny = "added" in imported && imported.added > 0;
      removalLog.endImport(note, isAny ? rebuilder.cursor.sequence : null);
    }
    if ("removed" in imported && imported.removed) this.#parts.scrubSoon(wall);
    return imported;
  }

  async #undo(wall: string, entry: number, by: string | undefined): Promise<UndoAnswer> {
    const { kept, takedowns } = this.#tables;
    const found = kept.at(this.#parts.clock.now()).find(({ id }) => id === entry);
    if (!found) return { state: "over" };
    if (takedowns.open.some((takedown) => takedown.entry === entry)) return { state: "removing" };
    if (!found.isUndoing) this.#parts.writer(wall).removals.beginUndo(entry, by);
    // A longer undo continues after the answer.
    await Promise.race([this.#goOnUndoing(wall), this.#parts.clock.sleep(TAKEDOWN_ANSWER_MS)]);
    const done = kept.at(this.#parts.clock.now()).every(({ id }) => id !== entry);
    return { state: "undone", restored: this.#undos.restored(entry), done };
  }

  /** Continues begun undos. The next alarm or cron retries a failed one. */
  async #goOnUndoing(wall: string): Promise<void> {
    const { kept } = this.#tables;
    if (kept.at(this.#parts.clock.now()).every(({ isUndoing }) => !isUndoing)) return;
    try {
      await this.#undos.goOn({
        kept: () => this.#tables.kept,
        removals: () => this.#parts.writer(wall).removals,
        now: () => this.#parts.clock.now(),
        sleep: (ms) => this.#parts.clock.sleep(ms),
      });
    } catch (error) {
      this.#parts.log(wall)("undo interrupted", { error });
    }
  }

  /** Erases the text of removals that can't be undone any more. Never throws: it is tried again soon. */
  expire(wall: string): void {
    try {
      if (this.#tables.kept.expire(this.#parts.clock.now())) this.#parts.scrubSoon(wall);
    } catch (error) {
      this.#parts.log(wall)("removed text not erased", { error });
    }
  }

  /** Continues the removals that an admin began. The next alarm or cron retries a failed one. */
  async #takeDown(wall: string): Promise<void> {
    if (this.#tables.takedowns.open.length === 0) return;
    try {
      await this.#tables.takedowns.goOn({
        senders: this.#tables.senders,
        writer: () => this.#parts.writer(wall),
        journal: this.#tables.journal,
        sleep: (ms) => this.#parts.clock.sleep(ms),
      });
      this.#parts.scrubSoon(wall);
    } catch (error) {
      this.#parts.log(wall)("removal interrupted", { error });
    }
  }

  get #tables(): Tables {
    return this.#parts.tables();
  }
}
