/**
 * The unchanged Worker, with its platform operations counted at the bindings, by wall, and with the
 * faults that benches need: lost notices, and an object that loses its memory.
 */
import { env as bindings } from "cloudflare:workers";
import type { Env } from "#worker/env";
import { Comments as ShippedComments } from "#worker/index";
import { CacheRebuilder as Shipped } from "#worker/writer/object";

type Bindings = Env & { DROP_NOTICES?: string };

/** Rewritten, not appended to. */
const SPARE_KEY = "recent:comments";

/** Lives as long as the isolate, which the entrypoint and objects share. */
const counts = new Map<string, Record<string, number>>();

export function countsOf(wall: string): Record<string, number> {
  return { ...counts.get(wall) };
}

function count(wall: string, kind: string, times = 1): void {
  const known = counts.get(wall) ?? {};
  known[kind] = (known[kind] ?? 0) + times;
  counts.set(wall, known);
}

/** `wall:<name>:` is the prefix of the keys of every wall except `main`. */
function wallOf(key: string): string {
  return /^wall:([^:]+):/.exec(key)?.[1] ?? "main";
}

function countedKv(kv: KVNamespace): KVNamespace {
  const wrapped = {
    put(key: string, value: string) {
      count(wallOf(key), "kv_write");
      if (!key.endsWith(SPARE_KEY)) count(wallOf(key), "kv_new_bytes", key.length + value.length);
      return kv.put(key, value);
    },
    get(keys: string | string[]) {
      const asked = [keys].flat();
      count(wallOf(asked[0] ?? ""), "kv_key_read", asked.length);
      return kv.get(keys as string);
    },
    list(options: KVNamespaceListOptions) {
      count(wallOf(options.prefix ?? ""), "kv_list");
      return kv.list(options);
    },
  };
  return wrapped as unknown as KVNamespace;
}

type Methods = Record<string, (...parameters: unknown[]) => unknown>;

function countedObjects(namespace: Bindings["REBUILDER"], dropsNotices: boolean) {
  return {
    getByName(wall: string) {
      const stub = namespace.getByName(wall);
      return new Proxy(stub, {
        get(target, method) {
          return (...parameters: unknown[]) => {
            const isNotice = method === "call" && parameters[1] === "notice";
            if (isNotice && dropsNotices) return Promise.resolve();
            count(wall, "object_request");
            // Called at once: on a stub even `apply` would be a method of the object.
            return (target as unknown as Methods)[method as string]?.(...parameters);
          };
        },
      });
    },
  } as unknown as Bindings["REBUILDER"];
}

function counted(env: Bindings): Env {
  return {
    ...env,
    LEDGER_KV: countedKv(env.LEDGER_KV),
    REBUILDER: countedObjects(env.REBUILDER, env.DROP_NOTICES === "1"),
  };
}

export class CacheRebuilder extends Shipped {
  readonly #incarnation = crypto.randomUUID();

  constructor(ctx: DurableObjectState, env: Bindings) {
    super(ctx, counted(env));
  }

  /** Runs a rebuild like the alarm's, now, on a wall with readers, since others are idle. */
  async rebuildNow(wall: string): Promise<number> {
    await this.call({ wall }, "sync", []);
    const startedAt = performance.now();
    await this.alarm();
    return performance.now() - startedAt;
  }

  /** Discards all memory, as an eviction does. */
  async loseMemory(): Promise<void> {
    this.ctx.abort("the bench discards the object's memory");
  }

  async storedBytes(): Promise<number> {
    return this.ctx.storage.sql.databaseSize;
  }

  /** Changes with each eviction, when the object's own counts restart. */
  async incarnation(): Promise<string> {
    return this.#incarnation;
  }
}

export class Comments extends ShippedComments {
  constructor(ctx: ExecutionContext, env: Bindings) {
    super(ctx, counted(env));
  }
}

const DEEDS = ["rebuildNow", "loseMemory", "storedBytes"] as const;

export default {
  /**
   * `/counts`; `/rebuildNow?wall=main` and similar; `PUT /` stores keys, one per line: key, tab,
   * value.
   */
  async fetch(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const env = bindings as unknown as Bindings;
    if (pathname === "/counts") return Response.json(Object.fromEntries(counts));
    if (request.method === "PUT") {
      const lines = (await request.text()).split("\n").map((line) => line.split("\t"));
      await Promise.all(lines.map(([key = "", value = ""]) => env.LEDGER_KV.put(key, value)));
      return new Response(null, { status: 204 });
    }
    const call = DEEDS.find((name) => pathname === `/${name}`);
    if (!call) return new Response(null, { status: 404 });
    const wall = searchParams.get("wall") ?? "main";
    const asked = env.REBUILDER.getByName(wall) as unknown as Methods;
    return Response.json((await asked[call]?.(wall)) ?? null);
  },

  async scheduled(): Promise<void> {},
};
