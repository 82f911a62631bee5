/** The companion Worker: the entrypoint that the page's routes call, the single writer, and the watchdog. */
import { WorkerEntrypoint } from "cloudflare:workers";
import type { Cursor } from "#schema/cursor";
import type { HistoryQuery, PendingQuery, ReadQuery } from "#schema/read";
import type { Caller, CommentsRpc } from "#schema/rpc";
import { LastBackup } from "./backup/last-backup";
import { backUpWall } from "./backup/of-wall";
import type { Bucket } from "./backup/state";
import { clearWall } from "./entrypoint/clear";
import { rateLimits } from "./entrypoint/rate-limit";
import { Replica } from "./entrypoint/replica/replica";
import { sharedCache } from "./entrypoint/replica/shared-cache";
import { CommentsService } from "./entrypoint/service";
import { suffixes } from "./entrypoint/suffix";
import { refusedTokens, type Tokens } from "./entrypoint/tokens";
import type { Env } from "./env";
import { parseLedger } from "./ledger/kind";
import { KvLedger } from "./ledger/kv";
import { passUpgrade } from "./live/upgrade";
import { rebuilderOf, writerOf } from "./location";
import { systemClock } from "./platform/clock";
import { inTime } from "./platform/deadline";
import { consoleLog, type Log } from "./platform/log";
import { Operations } from "./platform/operations";

export { CacheRebuilder } from "./writer/object";

/** The cron runs the watchdog every minute: a call must end before the next one starts. */
const WATCH_TIMEOUT_MS = 50_000;

/** Shared by the requests of one isolate, and lost with it. Values only, no promises. */
const replicas = new Map<string, Replica>();
const lastBackups = new Map<string, LastBackup>();
let tokensChecked = false;

export class Comments extends WorkerEntrypoint<Env> implements CommentsRpc {
  read(wall: string, query: ReadQuery, ifNoneMatch?: string, request?: string) {
    return this.#of(wall, request).read(query, ifNoneMatch);
  }

  history(wall: string, caller: Caller, query: HistoryQuery) {
    return this.#of(wall, caller.request).history(caller, query);
  }

  find(wall: string, id: string, request?: string) {
    return this.#of(wall, request).find(id);
  }

  post(wall: string, caller: Caller, draft: unknown) {
    return this.#of(wall, caller.request).post(caller, draft);
  }

  patch(wall: string, caller: Caller, id: string, patch: unknown) {
    return this.#of(wall, caller.request).patch(caller, id, patch);
  }

  claim(wall: string, caller: Caller, id: string, claim: unknown) {
    return this.#of(wall, caller.request).claim(caller, id, claim);
  }

  release(wall: string, caller: Caller, id: string, release: unknown) {
    return this.#of(wall, caller.request).release(caller, id, release);
  }

  remove(wall: string, caller: Caller, id: string, removal: unknown) {
    return this.#of(wall, caller.request).remove(caller, id, removal);
  }

  removeSender(wall: string, caller: Caller, removal: unknown) {
    return this.#of(wall, caller.request).admin.removeSender(caller, removal);
  }

  previewRemoval(wall: string, caller: Caller, id: string) {
    return this.#of(wall, caller.request).admin.previewRemoval(caller, id);
  }

  undoRemoval(wall: string, caller: Caller, entry: string, body: unknown) {
    return this.#of(wall, caller.request).admin.undoRemoval(caller, entry, body);
  }

  block(wall: string, caller: Caller, block: unknown) {
    return this.#of(wall, caller.request).admin.block(caller, block);
  }

  unblock(wall: string, caller: Caller, entry: string) {
    return this.#of(wall, caller.request).admin.unblock(caller, entry);
  }

  report(wall: string, caller: Caller, id: string, report: unknown) {
    return this.#of(wall, caller.request).report(caller, id, report);
  }

  reported(wall: string, caller: Caller) {
    return this.#of(wall, caller.request).admin.reported(caller);
  }

  dismiss(wall: string, caller: Caller, id: string) {
    return this.#of(wall, caller.request).admin.dismiss(caller, id);
  }

  moderation(wall: string, caller: Caller) {
    return this.#of(wall, caller.request).admin.moderation(caller);
  }

  pause(wall: string, caller: Caller, pause: unknown) {
    return this.#of(wall, caller.request).admin.pause(caller, pause);
  }

  move(wall: string, caller: Caller, move: unknown) {
    return this.#of(wall, caller.request).admin.move(caller, move);
  }

  importComments(wall: string, caller: Caller, comments: unknown) {
    return this.#of(wall, caller.request).admin.importComments(caller, comments);
  }

  exportPage(wall: string, caller: Caller, query: HistoryQuery) {
    return this.#of(wall, caller.request).exportPage(caller, query);
  }

  removals(wall: string, caller: Caller, since?: Cursor) {
    return this.#of(wall, caller.request).removals(caller, since);
  }

  pending(wall: string, query: PendingQuery, caller?: Caller | string) {
    const request = typeof caller === "object" ? caller.request : caller;
    return this.#of(wall, request).pending(query, caller);
  }

  bots(wall: string, request?: string) {
    return this.#of(wall, request).bots();
  }

  status(wall: string, request?: string) {
    return this.#of(wall, request).status();
  }

  health(wall: string, request?: string) {
    return this.#of(wall, request).health();
  }

  /** An upgrade to the live channel: the one request that is no call, since a socket comes back. */
  override fetch(request: Request): Promise<Response> {
    const { env } = this;
    return passUpgrade(request, {
      isOn: env.LIVE !== "off",
      tokens: tokensIn(env),
      clock: systemClock,
      log: consoleLog,
      send: (wall, passed) => rebuilderOf(env, wall).fetch(passed),
    });
  }

  clear(wall: string, caller: Caller) {
    const { env } = this;
    const tokens = tokensIn(env);
    const clearable = env.CLEARABLE !== undefined;
    const log = consoleLog(wall, caller.request);
    const clear = () => writerOf(env, wall, caller.request).clear();
    return clearWall({ wall, caller, tokens, clearable, log, clear });
  }

  #of(wall: string, request?: string): CommentsService {
    const { env, ctx } = this;
    const replica = replicas.get(wall) ?? new Replica();
    replicas.set(wall, replica);
    const log = consoleLog(wall, request);
    const tokens = tokensIn(env);
    warnOfRefusedTokens(tokens, log);
    return new CommentsService({
      wall,
      clock: systemClock,
      ledger: new KvLedger(env.LEDGER_KV, wall, new Operations()),
      writer: () => writerOf(env, wall, request),
      replica,
      shared: sharedCache,
      suffixes,
      limits: rateLimits(
        {
          post: env.POST_LIMIT,
          postOfSite: env.POST_SITE_LIMIT,
          history: env.HISTORY_LIMIT,
          historyOfSite: env.HISTORY_SITE_LIMIT,
          report: env.REPORT_LIMIT,
          reportOfSite: env.REPORT_SITE_LIMIT,
        },
        wall,
        log,
      ),
      tokens,
      background: (work) => ctx.waitUntil(work),
      log,
      status: { ledger: parseLedger(env.LEDGER), version: env.VERSION ?? "dev" },
      lastBackup: env.BACKUPS && lastBackupOf(wall, env.BACKUPS, log),
    });
  }
}

function lastBackupOf(wall: string, bucket: Bucket, log: Log) {
  const known = lastBackups.get(wall) ?? new LastBackup();
  lastBackups.set(wall, known);
  return () => known.at({ wall, bucket, clock: systemClock, log });
}

function backupOf(env: Env, bucket: Bucket, wall: string) {
  const ledger = new KvLedger(env.LEDGER_KV, wall, new Operations());
  const writer = () => writerOf(env, wall);
  return { wall, bucket, clock: systemClock, ledger, writer, log: consoleLog(wall) };
}

function tokensIn({ BOT_TOKEN, ADMIN_TOKEN }: Env): Tokens {
  return { bot: BOT_TOKEN, admin: ADMIN_TOKEN };
}

/** Logs once per isolate. Names the role and the holder, never the token. */
function warnOfRefusedTokens(tokens: Tokens, log: Log): void {
  if (tokensChecked) return;
  tokensChecked = true;
  for (const refused of refusedTokens(tokens)) log("token refused", { ...refused });
}

export default {
  /** The Worker has no public address: all requests arrive as RPC from the page's routes. */
  fetch() {
    return new Response("Not found", { status: 404 });
  },

  /** The watchdog, and a step of the backup if there is a bucket; called by the cron every minute. */
  async scheduled(_controller, env) {
    const wall = env.WALL ?? "main";
    const watching = rebuilderOf(env, wall).watch(wall);
    const backingUp = env.BACKUPS && backUpWall(backupOf(env, env.BACKUPS, wall));
    const working = Promise.all([watching, backingUp]);
    await inTime(systemClock, WATCH_TIMEOUT_MS, "the watchdog's call", working);
  },
} satisfies ExportedHandler<Env>;
