/** The companion Worker: the watchdog, the entrypoint for the page's routes, the single writer. */
import { WorkerEntrypoint } from "cloudflare:workers";
import { TOKEN_MIN_CHARACTERS } from "#schema/limits";
import type { HistoryQuery, PendingQuery, ReadQuery } from "#schema/read";
import type { Caller, CommentsRpc } from "#schema/rpc";
import { systemClock } from "./clock";
import { CommentsService } from "./comments";
import type { Env } from "./env";
import { parseLedger } from "./ledger/kind";
import { KvLedger } from "./ledger/kv";
import { consoleLog, type Log } from "./log";
import { Operations } from "./operations";
import { rateLimits } from "./rate-limit";
import type { RebuilderRpc } from "./rebuilder-rpc";
import { Replica } from "./replica";
import { sharedCache } from "./shared-cache";
import { suffixes } from "./suffix";
import { shortTokens, type Tokens } from "./tokens";

export { CacheRebuilder } from "./cache-rebuilder";

/** Lives as long as the isolate: values that requests share. */
const replicas = new Map<string, Replica>();
let tokensChecked = false;

export class Comments extends WorkerEntrypoint<Env> implements CommentsRpc {
  read(wall: string, query: ReadQuery, ifNoneMatch?: string) {
    return this.#of(wall).read(query, ifNoneMatch);
  }

  history(wall: string, caller: Caller, query: HistoryQuery) {
    return this.#of(wall).history(caller, query);
  }

  find(wall: string, id: string) {
    return this.#of(wall).find(id);
  }

  post(wall: string, caller: Caller, draft: unknown) {
    return this.#of(wall).post(caller, draft);
  }

  patch(wall: string, caller: Caller, id: string, patch: unknown) {
    return this.#of(wall).patch(caller, id, patch);
  }

  claim(wall: string, caller: Caller, id: string, claim: unknown) {
    return this.#of(wall).claim(caller, id, claim);
  }

  release(wall: string, caller: Caller, id: string, release: unknown) {
    return this.#of(wall).release(caller, id, release);
  }

  remove(wall: string, caller: Caller, id: string, removal: unknown) {
    return this.#of(wall).remove(caller, id, removal);
  }

  removeSender(wall: string, caller: Caller, removal: unknown) {
    return this.#of(wall).removeSender(caller, removal);
  }

  moderation(wall: string, caller: Caller) {
    return this.#of(wall).moderation(caller);
  }

  pause(wall: string, caller: Caller, pause: unknown) {
    return this.#of(wall).pause(caller, pause);
  }

  move(wall: string, caller: Caller, move: unknown) {
    return this.#of(wall).move(caller, move);
  }

  importComments(wall: string, caller: Caller, comments: unknown) {
    return this.#of(wall).importComments(caller, comments);
  }

  pending(wall: string, query: PendingQuery) {
    return this.#of(wall).pending(query);
  }

  status(wall: string) {
    return this.#of(wall).status();
  }

  #of(wall: string): CommentsService {
    const { env, ctx } = this;
    const replica = replicas.get(wall) ?? new Replica();
    replicas.set(wall, replica);
    const log = consoleLog(wall);
    const tokens = { bot: env.BOT_TOKEN, admin: env.ADMIN_TOKEN };
    warnOfShortTokens(tokens, log);
    return new CommentsService({
      wall,
      clock: systemClock,
      ledger: new KvLedger(env.LEDGER_KV, wall, new Operations()),
      rebuilder: () => env.REBUILDER.getByName(wall) as unknown as RebuilderRpc,
      replica,
      shared: sharedCache,
      suffixes,
      limits: rateLimits({ post: env.POST_LIMIT, history: env.HISTORY_LIMIT }, wall, log),
      tokens,
      background: (work) => ctx.waitUntil(work),
      log,
      status: { ledger: parseLedger(env.LEDGER), version: env.VERSION ?? "dev" },
    });
  }
}

/** Once an isolate: by role, never by what the token is. */
function warnOfShortTokens(tokens: Tokens, log: Log): void {
  if (tokensChecked) return;
  tokensChecked = true;
  for (const role of shortTokens(tokens))
    log("token refused", { role, reason: `shorter than ${TOKEN_MIN_CHARACTERS} characters` });
}

export default {
  /** The Worker has no address of its own: everything comes through the page's routes. */
  fetch() {
    return new Response("Not found", { status: 404 });
  },

  /** The watchdog, each minute. */
  async scheduled(_controller, env) {
    const wall = env.WALL ?? "main";
    await env.REBUILDER.getByName(wall).watch(wall);
  },
} satisfies ExportedHandler<Env>;
