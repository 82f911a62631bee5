/**
 * A separate isolate on the real KV; the test can cut its connection to the rebuilder and set its
 * time.
 */
import { parseCursor } from "#schema/cursor";
import { HISTORY_PAGE_MAX } from "#schema/limits";
import { parsePlace } from "#schema/place";
import type { Read } from "#schema/read";
import { CommentsService } from "#worker/comments";
import { type KvBinding, KvLedger } from "#worker/ledger/kv";
import { Operations } from "#worker/operations";
import type { RateLimits } from "#worker/rate-limit";
import type { RebuilderRpc } from "#worker/rebuilder-rpc";
import { Replica } from "#worker/replica";
import { suffixes } from "#worker/suffix";
import { ADMIN, BOT, env, expectValue, LEDGER, NOBODY, type Wall } from "./wall";

export function newIsolate(
  wall: Wall,
  kv: KvBinding = env.LEDGER_KV as unknown as KvBinding,
  ledger = LEDGER,
) {
  let ahead = 0;
  const background: Promise<unknown>[] = [];
  const isolate = {
    away: false,
    syncs: 0,
    dropNotices: false,
    /** Whether it doesn't learn that posting is paused. */
    isUnaware: false,
    /** Duration of a single KV read. */
    slowKvMs: 0,
    limits: { post: async () => true, history: async () => true } as RateLimits,
    advance: (ms: number) => {
      ahead += ms;
    },
    settled: () => Promise.all(background),
    service: null as unknown as CommentsService,
    read: async (since?: string) => {
      const cursor = since ? parseCursor(since) : null;
      const query = cursor ? { since: cursor, limit: 500 } : { limit: 500 };
      return parse(expectValue(await isolate.service.read(query)).body);
    },
    tryHistory: (before: string, limit: number = HISTORY_PAGE_MAX) => {
      const place = parsePlace(before);
      if (!place) throw new Error(`no place: ${before}`);
      return isolate.service.history(NOBODY, { before: place, limit });
    },
    history: async (before: string, limit?: number) =>
      parse(expectValue(await isolate.tryHistory(before, limit)).body),
  };
  const whenThere = <T>(work: () => Promise<T>) =>
    isolate.away ? Promise.reject(new Error("the object is away")) : work();
  const put: KvBinding["put"] = (...args) => kv.put(...args);
  const list: KvBinding["list"] = (options) => kv.list(options);
  const get = (async (keys: string[]) => {
    await new Promise((resolve) => setTimeout(resolve, isolate.slowKvMs));
    return kv.get(keys);
  }) as KvBinding["get"];
  isolate.service = new CommentsService({
    wall: wall.name,
    clock: {
      now: () => Date.now() + ahead,
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, Math.min(ms, 3_000))),
    },
    ledger: new KvLedger({ put, get, list }, wall.name, new Operations()),
    rebuilder: () => {
      const stub = wall.rebuilder() as unknown as RebuilderRpc;
      return {
        sync: (name, ...since) => {
          isolate.syncs += 1;
          const synced = whenThere(() => stub.sync(name, ...since));
          return isolate.isUnaware ? synced.then(withoutPause) : synced;
        },
        notice: (name, comment) =>
          isolate.dropNotices ? Promise.resolve() : whenThere(() => stub.notice(name, comment)),
        overlay: (name, ...stretch) => whenThere(() => stub.overlay(name, ...stretch)),
        find: (name, id) => whenThere(() => stub.find(name, id)),
        patch: (name, id, processed) => whenThere(() => stub.patch(name, id, processed)),
        claim: (name, ...claim) => whenThere(() => stub.claim(name, ...claim)),
        release: (name, ...release) => whenThere(() => stub.release(name, ...release)),
        remove: (name, ...removal) => whenThere(() => stub.remove(name, ...removal)),
        pause: (name, ...pause) => whenThere(() => stub.pause(name, ...pause)),
        removeSender: (name, ...removal) => whenThere(() => stub.removeSender(name, ...removal)),
        moderation: (name) => whenThere(() => stub.moderation(name)),
        pending: (name, query) => whenThere(() => stub.pending(name, query)),
        accept: (name, comment) => whenThere(() => stub.accept(name, comment)),
        bring: (name, comments) => whenThere(() => stub.bring(name, comments)),
        move: (name) => whenThere(() => stub.move(name)),
        append: (name, ...draft) => whenThere(() => stub.append(name, ...draft)),
        history: (name, query) => whenThere(() => stub.history(name, query)),
        status: (name) => whenThere(() => stub.status(name)),
      };
    },
    replica: new Replica(),
    shared: { get: async () => null, put: async () => {} },
    suffixes,
    limits: isolate.limits,
    tokens: { bot: BOT.token, admin: ADMIN.token },
    background: (work) => background.push(work),
    log: () => {},
    status: { ledger, version: "test" },
  });
  return isolate;
}

function withoutPause(sync: string): string {
  return JSON.stringify({ ...JSON.parse(sync), paused: undefined });
}

function parse(body: Uint8Array | null): Read {
  return JSON.parse(new TextDecoder().decode(body as Uint8Array));
}
