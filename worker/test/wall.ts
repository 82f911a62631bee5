/**
 * A separate wall for each test, on the real runtime: real KV, Durable Object, SQLite and alarm.
 */
import { runInDurableObject } from "cloudflare:test";
import { env as bindings, exports } from "cloudflare:workers";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Comment, StoredComment, StoredRecord } from "#schema/comment";
import { parseCursor } from "#schema/cursor";
import { keyOf, makeId } from "#schema/id";
import { HISTORY_PAGE_MAX } from "#schema/limits";
import { parsePlace } from "#schema/place";
import type { Outcome } from "#schema/problem";
import type { PendingQuery, Read } from "#schema/read";
import type { Caller, CommentsRpc } from "#schema/rpc";
import type { Env } from "#worker/env";
import { parseLedger } from "#worker/ledger/kind";
import { recordOf } from "#worker/ledger/messages";
import { SqliteMessages } from "#worker/ledger/sqlite-messages";
import { writerOf } from "#worker/location";
import { Operations } from "#worker/platform/operations";
import { Senders } from "#worker/writer/moderation/senders";
import type { CacheRebuilder } from "#worker/writer/object";

export const env = bindings as unknown as Env;
export const BOT = { token: "test-bot-token-0123456789abcdef" };
export const ADMIN = { token: "test-admin-token-0123456789abcdef" };
/** An admin whose token has a name. */
export const ALICE = { token: "alices-token-0123456789abcdef" };
export const NOBODY = {};

/** The ledger of this run. */
export const LEDGER = parseLedger(env.LEDGER);

/** For tests of `kv` only, such as keys, lists and copies. */
export const onKv: typeof test =
  LEDGER === "kv" ? test : (Object.assign(() => {}, { each: () => () => {} }) as never);

let addresses = 0;

/** A caller with a unique address, so that no limit counts two of them together. */
export function somebody(): Caller {
  addresses += 1;
  return { address: `2001:db8:${addresses.toString(16)}::1` };
}

const comments = (exports as unknown as { Comments: CommentsRpc }).Comments;
let walls = 0;

export function newWall(words = "test") {
  walls += 1;
  const name = `${words}-${walls}-${Date.now().toString(36)}`;
  /** Created for each call: a stub whose object was evicted keeps failing. */
  const rebuilder = () => env.REBUILDER.getByName(name);
  const writer = () => writerOf(env, name);
  const wall = {
    name,
    writer,
    stub: rebuilder,
    watch: () => rebuilder().watch(name),
    inObject: <T>(work: (object: CacheRebuilder, state: DurableObjectState) => T | Promise<T>) =>
      runInDurableObject(rebuilder(), work),

    post: async (draft: unknown, caller: Caller = somebody()) =>
      expectValue(await comments.post(name, caller, draft)).comment,
    tryPost: (draft: unknown, caller: Caller = somebody()) => comments.post(name, caller, draft),
    patch: async (id: string, processed = true) =>
      expectValue(await comments.patch(name, BOT, id, { botParams: { processed } })),
    tryPatch: (id: string, body: unknown, caller: object = BOT) =>
      comments.patch(name, caller, id, body),
    claim: (id: string, bot: string, seconds = 30) =>
      comments.claim(name, BOT, id, { bot, seconds }),
    tryClaim: (id: string, body: unknown, caller: object = BOT) =>
      comments.claim(name, caller, id, body),
    release: (id: string, bot: string) => comments.release(name, BOT, id, { bot }),
    pending: async (query: Partial<PendingQuery> = {}, caller?: Caller): Promise<Comment[]> => {
      const asked = { pending: true as const, limit: 500, ...query };
      const { body } = expectValue(await comments.pending(name, asked, caller));
      return JSON.parse(new TextDecoder().decode(body)).comments;
    },
    remove: async (id: string, reason?: string) =>
      expectValue(await comments.remove(name, ADMIN, id, reason === undefined ? {} : { reason })),
    tryRemove: (id: string, body: unknown = {}, caller: object = ADMIN) =>
      comments.remove(name, caller, id, body),
    report: (id: string, body: unknown = {}, caller: Caller = somebody()) =>
      comments.report(name, caller, id, body),
    reported: async () => expectValue(await comments.reported(name, ADMIN)).reported,
    tryReported: (caller: object) => comments.reported(name, caller),
    dismiss: (id: string, caller: object = ADMIN) => comments.dismiss(name, caller, id),
    removeSender: (sentLike: string, caller: object = ADMIN, more: object = {}) =>
      comments.removeSender(name, caller, { sentLike, ...more }),
    previewRemoval: async (id: string) =>
      expectValue(await comments.previewRemoval(name, ADMIN, id)),
    tryPreviewRemoval: (id: string, caller: object) => comments.previewRemoval(name, caller, id),
    block: (sentLike: string, hours = 1, caller: object = ADMIN) =>
      comments.block(name, caller, { sentLike, hours }),
    unblock: (entry: number | string, caller: object = ADMIN) =>
      comments.unblock(name, caller, String(entry)),
    tryUndo: (entry: number | string, caller: object = ADMIN, body?: unknown) =>
      comments.undoRemoval(name, caller, String(entry), body),
    /** Undoes the newest removal. */
    undo: async () => {
      const { undo = [] } = await wall.moderation();
      return expectValue(await comments.undoRemoval(name, ADMIN, String(undo.at(-1)?.id), {}));
    },
    pause: async (paused: boolean, reason?: string) =>
      expectValue(await comments.pause(name, ADMIN, { paused, ...(reason && { reason }) })),
    moderation: async () => expectValue(await comments.moderation(name, ADMIN)),
    tryModeration: (caller: object) => comments.moderation(name, caller),
    tryPause: (body: unknown, caller: object = ADMIN) => comments.pause(name, caller, body),
    find: (id: string) => comments.find(name, id),
    /** Up to a second old. */
    bots: async () => expectValue(await comments.bots(name)).bots,
    status: () => comments.status(name),
    clear: (caller: Caller = ADMIN) => comments.clear(name, caller),

    /** A read as the entrypoint answers it: up to a second old. */
    read: async (query: { since?: string; limit?: number } = {}): Promise<Read> => {
      const since = query.since ? parseCursor(query.since) : null;
      const limit = query.limit ?? 500;
      const read = expectValue(await comments.read(name, since ? { since, limit } : { limit }));
      return JSON.parse(new TextDecoder().decode(read.body as Uint8Array));
    },

    history: async (before: string, limit = HISTORY_PAGE_MAX): Promise<Read> => {
      const { body } = expectValue(await wall.tryHistory(before, somebody(), limit));
      return JSON.parse(new TextDecoder().decode(body));
    },
    tryHistory: (before: string, caller: Caller, limit = HISTORY_PAGE_MAX) => {
      const place = parsePlace(before);
      if (!place) throw new Error(`no place: ${before}`);
      return comments.history(name, caller, { before: place, limit });
    },

    /** Each rebuild reads up to 500 of the listed comments. */
    rebuildTimes: async (times: number) => {
      // The object learns its wall's name, which its alarm needs.
      await wall.status();
      for (let time = 0; time < times; time += 1) await wall.inObject((object) => object.alarm());
    },

    /** The rebuilder's own newest comments, bypassing every cache. */
    newest: async (): Promise<Comment[]> => JSON.parse(await writer().sync()).window,

    /**
     * Puts a comment's key like a `POST` whose notice was lost. `sqlite` has no notices, so there
     * it is sent and stamped by the rebuilder.
     */
    store: async (fields: Partial<StoredComment> & { timestamp: number; suffix: string }) => {
      const { suffix, ...rest } = fields;
      const id = makeId(fields.timestamp, suffix);
      const comment = { ...commentAt(fields.timestamp, 0), id, ...rest };
      if (LEDGER === "sqlite") {
        const accepted = await writer().append(comment);
        return accepted?.comment as StoredComment;
      }
      await env.LEDGER_KV.put(keyOf(name, comment.id), JSON.stringify(comment));
      return comment;
    },

    /** The ledger's record of a comment: its key or its row. */
    stored: async (id: string): Promise<StoredComment | null> => {
      if (LEDGER === "kv") return env.LEDGER_KV.get<StoredComment>(keyOf(name, id), "json");
      return (await rowIn(wall, id)) as StoredComment | null;
    },

    /** Waits for this many pending comments: on `kv` a post is answered before its notice arrives. */
    arrived: (count: number) =>
      vi.waitFor(async () => expect(await wall.pending()).toHaveLength(count), { timeout: 5_000 }),

    /** Rebuilds until the ledger has the comment as processed. */
    keyProcessed: (id: string) =>
      vi.waitFor(
        async () => {
          await wall.rebuildTimes(1);
          expect(await wall.stored(id)).toMatchObject({ botParams: { processed: true } });
        },
        { timeout: 10_000, interval: 100 },
      ),

    /** Ends the object like an eviction or a crash: memory is lost, storage stays. */
    evict: async () => {
      await runInDurableObject(rebuilder(), (_object, state) =>
        state.abort("evicted by a test"),
      ).catch(() => {});
    },
  };
  onTestFinished(async () => {
    await runInDurableObject(rebuilder(), (_object, state) => state.storage.deleteAlarm());
  });
  return wall;
}

export type Wall = ReturnType<typeof newWall>;

/** The record in a message's row, in the object's own SQLite. */
export async function rowIn(
  wall: Pick<Wall, "inObject">,
  id: string,
): Promise<StoredRecord | null> {
  const row = await wall.inObject((_object, { storage }) =>
    new SqliteMessages(storage, new Operations()).get(id),
  );
  return row && recordOf(row);
}

/** The stored sender data of a wall. */
export function sendersOf<T>(wall: Wall, ask: (senders: Senders) => T): Promise<T> {
  return wall.inObject((_object, { storage }) => ask(new Senders(storage, new Operations())));
}

export function expectValue<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(`refused: ${JSON.stringify(outcome.problem)}`);
  return outcome.value;
}

/** The n-th comment, stored at a time. */
export function commentAt(
  timestamp: number,
  n: number,
  botParams: StoredComment["botParams"] = {},
): StoredComment {
  return {
    id: makeId(timestamp, suffix(n)),
    timestamp,
    text: `at ${timestamp}`,
    username: "anonymous",
    color: "#aabbcc",
    type: "human",
    botParams: { processed: false, ...botParams },
    sequence: 0,
  };
}

/** A suffix for the n-th stored comment. */
export function suffix(n: number): string {
  return n.toString(36).padStart(10, "0");
}
