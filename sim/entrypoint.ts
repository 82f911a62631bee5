/** An entrypoint of the wall in the simulation: the shipped service on simulated stores, clocks and calls. */
import { suffixFromBytes } from "#schema/id";
import { callsBy, type WriterCalls } from "#worker/contract/writer-calls";
import { CommentsService } from "#worker/entrypoint/service";
import { suffixes } from "#worker/entrypoint/suffix";
import type { LedgerKind } from "#worker/ledger/kind";
import { KvLedger } from "#worker/ledger/kv";
import type { Clock } from "#worker/platform/clock";
import { Operations } from "#worker/platform/operations";
import type { Random } from "../scripts/command/random.mjs";
import type { Isolate, IsolateChecks, Request } from "./checks/isolate-checks";
import type { SimKv } from "./platform/kv";
import type { Scheduler } from "./platform/scheduler";
import type { SharedCaches } from "./platform/shared-caches";

export const BOT_TOKEN = "simulated-bot-token-0123456789";
export const ADMIN_TOKEN = "simulated-admin-token-0123456789";

type Call = (...args: readonly unknown[]) => Promise<unknown>;

interface EntrypointParts {
  scheduler: Scheduler;
  random: Random;
  kv: SimKv;
  wall: string;
  ledger: LedgerKind;
  writer: (place: string) => WriterCalls;
  checks: IsolateChecks;
  shared: SharedCaches;
  /** The error of the clocks at the isolate's place. */
  skewMs: number;
}

/** Makes the service for one request, as the entrypoint's shell does. Nothing answers a client that has left. */
export function serviceFor(
  isolate: Isolate,
  request: Request,
  parts: EntrypointParts,
): CommentsService {
  const { location, replica } = isolate;
  const { scheduler, kv, wall, ledger, random, writer, checks, shared, skewMs } = parts;
  const never = new Promise<never>(() => {});
  const own = <T>(work: Promise<T>): Promise<T> =>
    work.then(
      (value) => (request.left ? never : value),
      (error) => (request.left ? never : Promise.reject(error)),
    );
  const binding = kv.at(location, request);
  const put: typeof binding.put = (...args) => own(binding.put(...args));
  const list: typeof binding.list = (options) => own(binding.list(options));
  const get = ((keys: string[]) => own(binding.get(keys))) as typeof binding.get;
  const now = () => scheduler.now + skewMs;
  // Another request has found it away, and the spare is read for both.
  request.foundAway ||= now() < replica.awayUntil;
  const clock: Clock = { now, sleep: (ms, signal) => own(scheduler.sleep(ms, signal)) };
  return new CommentsService({
    wall,
    clock,
    ledger: new KvLedger({ put, get, list }, wall, new Operations(), clock),
    writer: () => {
      const calls = writer(location) as unknown as Record<string, Call>;
      return callsBy((name, args) => {
        const answer = checks.watched(isolate, request, name, async () => calls[name]?.(...args));
        return own(name === "sync" ? checks.noted(location, request, answer) : answer);
      });
    },
    replica,
    shared: shared.at(location, () => {
      // An answer that could not be shared reached one isolate only.
      if (request.question) request.question.answeredAt = undefined;
    }),
    random: () => random.next(),
    suffixes: {
      ...suffixes,
      random: () => suffixFromBytes(Uint8Array.from({ length: 8 }, () => random.integer(0, 255))),
    },
    // The platform's rate limits are not simulated.
    limits: { post: async () => true, history: async () => true, report: async () => true },
    tokens: { bot: BOT_TOKEN, admin: ADMIN_TOKEN },
    background: (work) => void work.catch(() => {}),
    log: (event) => {
      request.foundAway ||= event === "rebuilder away";
    },
    status: { ledger, version: "sim" },
  });
}
