/**
 * The cost of a wall: counted operations → a monthly bill by line on the Paid plan, and the share
 * of each allowance on the Free plan.
 *
 * `tallyOf` sorts counted operations by purpose; `billOf` prices them. Both are plain sums: they
 * measure nothing and assume only their arguments.
 */
import { callsBilledAs } from "../calls";
import { LIVE_PING_AFTER_MS } from "../live/messages";
import {
  type Meter,
  OBJECT_MEMORY_GB,
  PAID_PLAN_USD,
  PRICES,
  SOCKET_MESSAGES_PER_REQUEST,
} from "./prices";

const DAY_MS = 24 * 60 * 60 * 1_000;
export const MONTH_MS = 30 * DAY_MS;
const CRON_INTERVAL_MS = 60_000;
const BYTES_PER_GB = 1_000_000_000;

/** Stored bytes are a state, not a sum over time. */
const STORED: readonly Meter[] = ["kv_stored_gb", "sqlite_stored_gb"];

/** The purpose of operations. */
export type Part =
  | "posts"
  | "notices"
  | "polls"
  | "rebuilds"
  | "sweeps"
  | "bots"
  | "others"
  | "connects"
  | "messages"
  | "pings"
  | "all";

/** The lowest and the highest value of a figure that depends on where readers are. */
export interface Range {
  least: number;
  most: number;
}

export interface TallyLine {
  part: Part;
  meter: Meter;
  /** In the counted time; for stored bytes, at its end and a month later. */
  amount: Range;
}

export interface BillLine {
  part: Part;
  meter: Meter;
  /** Per month; for stored bytes, now and a month later. */
  amount: Range;
  /** Its share, by amount, of the meter's cost beyond the included amount. */
  usd: Range;
}

export interface MeterTotal {
  meter: Meter;
  amount: Range;
  /** Beyond the included amount. */
  usd: Range;
  /**
   * Share of the Free plan's daily allowance; above 1 the platform refuses the operation for the
   * rest of the day. `null`: no such limit.
   */
  shareOfFree: Range | null;
}

export interface Bill {
  lines: BillLine[];
  meters: MeterTotal[];
  /** Per month, beyond the plan. */
  usdBeyondPlan: Range;
  /** Per month, including the plan. */
  usd: Range;
}

/** The use of a wall over some time. */
export interface Counted {
  /** Length of that time, in ms. */
  ms: number;
  ledger: "kv" | "sqlite";
  /** `operations` of `GET /api/status`: the difference of two readings, or since the object started. */
  operations: Readonly<Record<string, number>>;
  /**
   * On `kv`: accepted messages; where nobody counted them, the number of notices to the object. On `sqlite` the calls
   * that append are the posts that came over HTTP.
   */
  posts?: number;
  /** Requests by readers, including each `304`. */
  polls?: number;
  /**
   * Whether each poll may reach its own isolate, as with readers all over the world. Default true.
   */
  readersApart?: boolean;
  /** Requests for the page itself. */
  pages?: number;
  /** CPU of the page's functions and the Worker, in ms. */
  cpuMs?: number;
  /** How long the object was active; the whole time where nobody measured. */
  objectActiveMs?: number;
  /**
   * Pings that came in over live channels, answered by the runtime without waking the object. The list prices don't say
   * whether they are billed: they cost nothing at the least, and as much as other messages at the most.
   */
  pings?: number;
  /** Bytes stored now, and the bytes that one post adds. */
  stored?: { kvBytes: number; sqliteBytes: number; kvBytesPerPost: number };
}

const BOT_CALLS = callsBilledAs("bots");
const OTHER_CALLS = callsBilledAs("others");

/** The most pings that this many open channels send in `ms`: each is silent for a while before one. */
export function pingsAtMost(sockets: number, ms: number): number {
  return (sockets * ms) / LIVE_PING_AFTER_MS;
}

/** Sorts counted operations by part and meter. Drops lines of zero. */
export function tallyOf(counted: Counted): TallyLine[] {
  const { ms, ledger, operations, polls = 0, pages = 0, pings = 0, cpuMs = 0, stored } = counted;
  const of = (...kinds: string[]) => kinds.reduce((sum, kind) => sum + (operations[kind] ?? 0), 0);
  const posts = ledger === "sqlite" ? of("append") : (counted.posts ?? of("notice"));
  const active = counted.objectActiveMs ?? ms;
  const cronRuns = Math.floor(ms / CRON_INTERVAL_MS);
  const syncs = of("sync");
  const syncsMost = (counted.readersApart ?? true) ? Math.max(polls, syncs) : syncs;
  const grownBytes = ms === 0 ? 0 : (posts / ms) * MONTH_MS * (stored?.kvBytesPerPost ?? 0);

  const lines: TallyLine[] = [];
  const add = (part: Part, meter: Meter, least: number, most = least) => {
    if (most > 0) lines.push({ part, meter, amount: { least, most } });
  };
  add("posts", "requests", posts);
  if (ledger === "kv") add("posts", "kv_keys_written", posts);
  add("posts", "object_requests", of("append"));
  add("notices", "object_requests", of("notice"));
  add("polls", "requests", polls);
  add("polls", "object_requests", syncs, syncsMost);
  add("rebuilds", "object_requests", of("alarm_set"));
  add("rebuilds", "kv_lists", of("kv_list"));
  add("rebuilds", "kv_keys_read", of("kv_key_read"));
  add("rebuilds", "kv_keys_written", of("kv_write"));
  add("rebuilds", "rows_written", of("row_written", "alarm_set"));
  add("rebuilds", "rows_read", of("row_read"));
  add("sweeps", "requests", cronRuns);
  add("sweeps", "object_requests", cronRuns);
  add("sweeps", "kv_lists", of("kv_list_sweep"));
  // The request that brought a bot's message is counted among the posts.
  add("bots", "requests", of(...BOT_CALLS) - of("accept"));
  add("bots", "object_requests", of(...BOT_CALLS));
  add("others", "requests", of(...OTHER_CALLS) + pages);
  add("others", "object_requests", of(...OTHER_CALLS));
  add("others", "kv_lists", of("kv_list_history", "kv_list_move"));
  add("others", "kv_keys_read", of("kv_key_read_history", "kv_key_read_move"));
  add("connects", "requests", of("live_connect"));
  add("connects", "object_requests", of("live_connect"));
  add("messages", "object_requests", of("live_message") / SOCKET_MESSAGES_PER_REQUEST);
  add("pings", "object_requests", 0, pings / SOCKET_MESSAGES_PER_REQUEST);
  add("all", "cpu_ms", cpuMs);
  add("all", "object_gb_s", gbSeconds(active), gbSeconds(ms));
  if (stored) {
    const { kvBytes, sqliteBytes } = stored;
    add("posts", "kv_stored_gb", kvBytes / BYTES_PER_GB, (kvBytes + grownBytes) / BYTES_PER_GB);
    add("rebuilds", "sqlite_stored_gb", sqliteBytes / BYTES_PER_GB);
  }
  return lines;
}

/**
 * Prices a tally.
 * @param ms length of the counted time
 */
export function billOf(tally: readonly TallyLine[], ms: number): Bill {
  const monthly = tally.map((line) => ({ ...line, amount: perMonth(line, ms) }));
  const meters = [...new Set(monthly.map(({ meter }) => meter))].map((meter): MeterTotal => {
    const amount = sum(monthly.filter((line) => line.meter === meter).map((line) => line.amount));
    const usd = each(amount, (times) => usdBeyondPlan(meter, times));
    return { meter, amount, usd, shareOfFree: shareOfFree(meter, amount) };
  });
  const lines = monthly.map((line): BillLine => {
    const total = meters.find(({ meter }) => meter === line.meter) as MeterTotal;
    const share = (end: keyof Range) =>
      total.amount[end] === 0 ? 0 : (line.amount[end] / total.amount[end]) * total.usd[end];
    return { ...line, usd: { least: share("least"), most: share("most") } };
  });
  const beyond = sum(meters.map(({ usd }) => usd));
  return {
    lines,
    meters,
    usdBeyondPlan: beyond,
    usd: each(beyond, (usd) => usd + PAID_PLAN_USD),
  };
}

/** The monthly cost of this amount, beyond the amount that the Paid plan includes. */
export function usdBeyondPlan(meter: Meter, amount: number): number {
  const { included, usd, per } = PRICES[meter];
  return (Math.max(0, amount - included) / per) * usd;
}

function perMonth({ meter, amount }: TallyLine, ms: number): Range {
  return STORED.includes(meter) ? amount : each(amount, (times) => (times / ms) * MONTH_MS);
}

function shareOfFree(meter: Meter, monthly: Range): Range | null {
  const { free } = PRICES[meter];
  if (free === null) return null;
  const days = STORED.includes(meter) ? 1 : MONTH_MS / DAY_MS;
  return each(monthly, (amount) => amount / days / free);
}

function gbSeconds(ms: number): number {
  return (ms / 1_000) * OBJECT_MEMORY_GB;
}

function each({ least, most }: Range, change: (amount: number) => number): Range {
  return { least: change(least), most: change(most) };
}

function sum(ranges: readonly Range[]): Range {
  return {
    least: ranges.reduce((total, { least }) => total + least, 0),
    most: ranges.reduce((total, { most }) => total + most, 0),
  };
}
