/**
 * Another isolate of the entrypoint, with its own memory, on the real KV and rebuilder. A test can cut
 * its connection to the rebuilder and put its clock ahead.
 */
import { parseCursor } from "#schema/cursor";
import { HISTORY_PAGE_MAX } from "#schema/limits";
import { parsePlace } from "#schema/place";
import type { Read } from "#schema/read";
import { callsBy } from "#worker/contract/writer-calls";
import type { RateLimits } from "#worker/entrypoint/rate-limit";
import { Replica } from "#worker/entrypoint/replica/replica";
import { CommentsService } from "#worker/entrypoint/service";
import { suffixes } from "#worker/entrypoint/suffix";
import { type KvBinding, KvLedger } from "#worker/ledger/kv";
import { Operations } from "#worker/platform/operations";
import { ADMIN, BOT, env, expectValue, LEDGER, NOBODY, type Wall } from "./wall";

type Call = (...args: readonly unknown[]) => Promise<unknown>;

export function newIsolate(
  wall: Wall,
  kv: KvBinding = env.LEDGER_KV as unknown as KvBinding,
  ledger = LEDGER,
) {
  let aheadMs = 0;
  const background: Promise<unknown>[] = [];
  const isolate = {
    /** The rebuilder does not answer this isolate. */
    away: false,
    /** How often it has asked the rebuilder for changes. */
    syncs: 0,
    /** Its notices get lost. */
    dropNotices: false,
    /** The rebuilder's answers don't tell it that posting is paused, or that a sender is blocked. */
    isUnawareOfPause: false,
    /** Delay of each KV read. */
    slowKvMs: 0,
    limits: {
      post: async () => true,
      history: async () => true,
      report: async () => true,
    } as RateLimits,
    advance: (ms: number) => {
      aheadMs += ms;
    },
    /** Waits for its work in the background, such as notices. */
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
  const put: KvBinding["put"] = (...args) => kv.put(...args);
  const list: KvBinding["list"] = (options) => kv.list(options);
  const get = (async (keys: string[]) => {
    await new Promise((resolve) => setTimeout(resolve, isolate.slowKvMs));
    return kv.get(keys);
  }) as KvBinding["get"];
  isolate.service = new CommentsService({
    wall: wall.name,
    clock: {
      now: () => Date.now() + aheadMs,
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, Math.min(ms, 3_000))),
    },
    ledger: new KvLedger({ put, get, list }, wall.name, new Operations()),
    writer: () => {
      const calls = wall.writer() as unknown as Record<string, Call>;
      return callsBy(async (name, args) => {
        if (name === "notice" && isolate.dropNotices) return undefined;
        if (name === "sync") isolate.syncs += 1;
        if (isolate.away) throw new Error("the rebuilder is away");
        const answer = await calls[name]?.(...args);
        return name === "sync" && isolate.isUnawareOfPause ? withoutPause(String(answer)) : answer;
      });
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
  return JSON.stringify({ ...JSON.parse(sync), paused: undefined, blocking: undefined });
}

function parse(body: Uint8Array | null): Read {
  return JSON.parse(new TextDecoder().decode(body as Uint8Array));
}
