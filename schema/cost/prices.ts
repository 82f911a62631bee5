/**
 * The platform's list prices and allowances, each once: for the bill, the status page and the docs.
 *
 * From developers.cloudflare.com as of `PRICES_AS_OF`; a month has 30 days here.
 */

export const PRICES_AS_OF = "2026-11-22";

/** Workers Paid, per month: includes the amounts below. */
export const PAID_PLAN_USD = 5;

/** A Durable Object is billed for this much memory while it is active, however little it uses. */
export const OBJECT_MEMORY_GB = 0.128;

/** Messages that come in over sockets and are billed as one request of the object; those sent are free. */
export const SOCKET_MESSAGES_PER_REQUEST = 20;

/** A quantity that the platform counts and bills. */
export type Meter =
  | "requests"
  | "cpu_ms"
  | "kv_keys_read"
  | "kv_keys_written"
  | "kv_lists"
  | "kv_stored_gb"
  | "object_requests"
  | "object_gb_s"
  | "rows_read"
  | "rows_written"
  | "sqlite_stored_gb";

export interface Price {
  title: string;
  /**
   * The Free plan's allowance: per day, after which the operation fails until 00:00 UTC; for stored
   * bytes, at any time. `null`: no such limit.
   */
  free: number | null;
  /** The amount included in the Paid plan: per month; for stored bytes, for a month. */
  included: number;
  /** The price of more, and the amount that it buys. */
  usd: number;
  per: number;
  /** The source, a page of developers.cloudflare.com. */
  source: string;
}

const MILLION = 1_000_000;
const WORKERS = "workers/platform/pricing";
const KV = "kv/platform/pricing";
const OBJECTS = "durable-objects/platform/pricing";

export const PRICES: Readonly<Record<Meter, Price>> = {
  // One per client request, except static files without a Function, and one per run of a cron.
  requests: {
    title: "Worker requests",
    free: 100_000,
    included: 10 * MILLION,
    usd: 0.3,
    per: MILLION,
    source: WORKERS,
  },
  // Free: 10 ms per request instead of a sum.
  cpu_ms: {
    title: "CPU, ms",
    free: null,
    included: 30 * MILLION,
    usd: 0.02,
    per: MILLION,
    source: WORKERS,
  },
  // A bulk get is billed per key, missing keys included.
  kv_keys_read: {
    title: "KV keys read",
    free: 100_000,
    included: 10 * MILLION,
    usd: 0.5,
    per: MILLION,
    source: KV,
  },
  kv_keys_written: {
    title: "KV keys written",
    free: 1_000,
    included: MILLION,
    usd: 5,
    per: MILLION,
    source: KV,
  },
  kv_lists: {
    title: "KV lists",
    free: 1_000,
    included: MILLION,
    usd: 5,
    per: MILLION,
    source: KV,
  },
  kv_stored_gb: { title: "KV stored, GB", free: 1, included: 1, usd: 0.5, per: 1, source: KV },
  // A method call, an alarm run, an upgrade to a WebSocket, or 20 messages that come in over sockets.
  object_requests: {
    title: "Object requests",
    free: 100_000,
    included: MILLION,
    usd: 0.15,
    per: MILLION,
    source: OBJECTS,
  },
  object_gb_s: {
    title: "Object duration, GB-s",
    free: 13_000,
    included: 400_000,
    usd: 12.5,
    per: MILLION,
    source: OBJECTS,
  },
  rows_read: {
    title: "SQLite rows read",
    free: 5 * MILLION,
    included: 25_000 * MILLION,
    usd: 0.001,
    per: MILLION,
    source: OBJECTS,
  },
  // A deleted row counts as written, and so does each alarm set. A DROP is free.
  rows_written: {
    title: "SQLite rows written",
    free: 100_000,
    included: 50 * MILLION,
    usd: 1,
    per: MILLION,
    source: OBJECTS,
  },
  sqlite_stored_gb: {
    title: "SQLite stored, GB",
    free: 5,
    included: 5,
    usd: 0.2,
    per: 1,
    source: OBJECTS,
  },
};
