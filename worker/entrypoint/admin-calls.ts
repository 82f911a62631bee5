/** The calls of admins to the single writer, besides the removal of one message. */
import type { GenericSchema } from "valibot";
import { isId } from "#schema/id";
import {
  BlockSchema,
  type Moderation,
  NoBodySchema,
  PauseSchema,
  type RemovalPreview,
  type RemovedOfSender,
  type ReportedComments,
  type SenderBlock,
  SenderRemovalSchema,
  type Undone,
} from "#schema/moderation";
import { type Imported, ImportSchema, type MoveProgress, MoveSchema } from "#schema/move";
import { type Outcome, refusal, success } from "#schema/problem";
import type { Caller } from "#schema/rpc";
import type { Clock } from "../platform/clock";
import { importDenial, importedComment } from "./draft";
import type { PrivilegedCalls, Question } from "./privileged-calls";
import { notFound, outcomeOfBlock, outcomeOfUndo, SENDER_UNKNOWN, unavailable } from "./refusals";

/** The id of an audit entry. */
const ENTRY_PATTERN = /^[1-9]\d{0,14}$/;

interface AdminCallsParts {
  clock: Clock;
  privileged: PrivilegedCalls;
  /** Renews the data centre's cache after a removal, or after its undo. */
  renewAfter: <Value>(removing: Promise<Outcome<Value>>) => Promise<Outcome<Value>>;
}

export class AdminCalls {
  readonly #parts: AdminCallsParts;

  constructor(parts: AdminCallsParts) {
    this.#parts = parts;
  }

  /** Removes all messages that the sender of one comment sent on the same day (UTC). */
  removeSender(caller: Caller, body: unknown): Promise<Outcome<RemovedOfSender>> {
    const removing = this.#ask(
      caller,
      body,
      SenderRemovalSchema,
      async (writer, { sentLike, reason, replies }, by) => {
        const removed = await writer.removeSender(sentLike, reason, by, replies);
        return removed ? success(removed) : refusal("not_found", SENDER_UNKNOWN);
      },
    );
    return this.#parts.renewAfter(removing);
  }

  /** Counts the messages that a removal of a comment, or of its sender's, would take. Changes nothing. */
  previewRemoval(caller: Caller, id: string): Promise<Outcome<RemovalPreview>> {
    return this.#ask(caller, {}, NoBodySchema, async (writer) =>
      isId(id) ? success(await writer.previewRemoval(id)) : notFound(),
    );
  }

  /** Undoes a removal within 10 minutes. `entry`: the id of its audit entry. */
  undoRemoval(caller: Caller, entry: string, body: unknown = {}): Promise<Outcome<Undone>> {
    const undoing = this.#ask(caller, body, NoBodySchema, async (writer, _asked, by) =>
      outcomeOfUndo(
        ENTRY_PATTERN.test(entry) ? await writer.undoRemoval(Number(entry), by) : { state: "over" },
      ),
    );
    return this.#parts.renewAfter(undoing);
  }

  /** Refuses posts from the sender of a comment for an hour or a day. */
  block(caller: Caller, body: unknown): Promise<Outcome<SenderBlock>> {
    return this.#ask(caller, body, BlockSchema, async (writer, asked, by) => {
      const { sentLike, hours, reason } = asked;
      return outcomeOfBlock(await writer.block(sentLike, hours, reason, by));
    });
  }

  /** Ends a block. Idempotent. `entry`: the id of its audit entry. */
  unblock(caller: Caller, entry: string): Promise<Outcome<null>> {
    return this.#ask(caller, {}, NoBodySchema, async (writer, _asked, by) => {
      if (ENTRY_PATTERN.test(entry)) await writer.unblock(Number(entry), by);
      return success(null);
    });
  }

  /** The reported comments, for admins. */
  reported(caller: Caller): Promise<Outcome<ReportedComments>> {
    return this.#ask(caller, {}, NoBodySchema, async (writer) =>
      success({ reported: await writer.reported() }),
    );
  }

  /** Deletes a comment's reports. Idempotent. */
  dismiss(caller: Caller, id: string): Promise<Outcome<null>> {
    return this.#ask(caller, {}, NoBodySchema, async (writer, _asked, by) => {
      if (!isId(id)) return notFound();
      await writer.dismiss(id, by);
      return success(null);
    });
  }

  /** Pauses or resumes posting. */
  pause(caller: Caller, body: unknown): Promise<Outcome<Pick<Moderation, "paused">>> {
    return this.#ask(caller, body, PauseSchema, async (writer, { paused, reason }, by) =>
      success(await writer.pause(paused, reason, by)),
    );
  }

  /** The admins' recent actions, and whether posting is paused. */
  moderation(caller: Caller): Promise<Outcome<Moderation>> {
    return this.#ask(caller, {}, NoBodySchema, async (writer) =>
      success(await writer.moderation()),
    );
  }

  /** One step of moving the wall's comments to another ledger. */
  move(caller: Caller, body: unknown): Promise<Outcome<MoveProgress>> {
    return this.#ask(caller, body, MoveSchema, async (writer) => success(await writer.move()));
  }

  /** Imports removals, and comments with their ids. */
  importComments(caller: Caller, body: unknown): Promise<Outcome<Imported>> {
    return this.#ask(caller, body, ImportSchema, async (writer, { comments, removed }) => {
      const denied = importDenial(comments, removed ?? [], this.#parts.clock.now());
      if (denied) return denied;
      const imported = await writer.import(comments.map(importedComment), removed);
      if ("state" in imported) return unavailable("The wall is being moved. Try again later.");
      return success(imported);
    });
  }

  #ask<const Schema extends GenericSchema, Value>(
    caller: Caller,
    body: unknown,
    schema: Schema,
    question: Question<Schema, Outcome<Value>>,
  ): Promise<Outcome<Value>> {
    return this.#parts.privileged.ask("admin", caller, body, schema, question);
  }
}
