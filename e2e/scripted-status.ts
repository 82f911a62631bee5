/** Answers a page's status requests from the test, minute by minute, on the test's clock. */
import type { Page } from "@playwright/test";
import type { Cost, Sample, Status } from "../schema/status";
import { pauseClock } from "./page";

const MINUTE_MS = 60_000;

/** The page reuses an answer younger than this. */
const SETTLED_MS = 2_000;

export interface ScriptedStatus {
  /** Number of requests so far. */
  asked: number;
  /** Sets the answers from now on: changes to a healthy wall's status, or `null` for no answer. */
  tell: (changes: Partial<Status> | null) => void;
  /** Lets a minute pass, with these counts. */
  pass: (counted?: Partial<Sample>) => Promise<void>;
}

/** Some minutes of a healthy wall; the test controls the page's clock. */
export async function scriptedStatus(page: Page, minutes = 45): Promise<ScriptedStatus> {
  const start = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
  const clock = { time: start + 20_000 };
  const history = Array.from({ length: minutes }, (_, index) =>
    sampleOf(start - (minutes - index) * MINUTE_MS, index),
  );
  let changes: Partial<Status> | null = {};
  await page.clock.install({ time: clock.time });
  await pauseClock(page);
  const script: ScriptedStatus = {
    asked: 0,
    tell: (told) => {
      changes = told;
    },
    pass: async (counted = {}) => {
      const at = (history.at(-1)?.at ?? start - MINUTE_MS) + MINUTE_MS;
      history.push({ ...sampleOf(at, history.length), ...counted });
      // First pass the time within which an answer is reused, then the rest at once: an answer in
      // flight takes no time on this clock and must not run into the timeout.
      await page.clock.runFor(SETTLED_MS);
      await page.clock.fastForward(MINUTE_MS - SETTLED_MS);
    },
  };
  await page.route("**/api/status", async (route) => {
    script.asked += 1;
    if (changes === null) return route.abort();
    const now = await page.evaluate(() => Date.now()).catch(() => null);
    // The test ended during the page's request.
    if (now === null) return;
    const json = { ...wellAt(now, history.slice(-60)), ...changes };
    await route.fulfill({ status: json.ok ? 200 : 503, json });
  });
  return script;
}

/** A minute of a wall with a hundred readers and a conversation in waves. */
function sampleOf(at: number, index: number): Sample {
  const messages = Math.round(9 + 8 * Math.sin(index / 5) + 3 * Math.cos(index * 1.7));
  return {
    at,
    ms: MINUTE_MS,
    ageMaxMs: 3_020 + ((index * 37) % 180),
    rebuilds: { count: 20, failed: 0, p50Ms: 14 + (index % 5), maxMs: 24 + ((index * 13) % 40) },
    operations: {
      kv_list: 20,
      kv_list_sweep: 1,
      alarm_set: 20,
      kv_write: Math.min(20, messages),
      row_written: 2 * messages,
      sync: 60,
      poll: 1_100 + ((index * 91) % 240),
      notice: messages,
      message: messages,
    },
  };
}

function wellAt(now: number, history: readonly Sample[]): Status {
  return {
    ok: true,
    rebuiltAt: now - 1_800,
    ageMs: 1_800,
    window: { size: 412, capacity: 500 },
    pending: { size: 3, dropped: 0 },
    rebuilds: { count: 900, failed: 0, lastMs: 15, p50Ms: 16, p95Ms: 41 },
    operations: {},
    ledger: "kv",
    wall: "main",
    version: "scripted",
    history: [...history],
    ...(history.length >= 10 && { cost: COST }),
  };
}

const COST: Cost = {
  perMonthUsd: 18.4,
  countedMs: 45 * MINUTE_MS,
  lines: [
    {
      item: "Worker requests",
      part: "polls",
      meter: "requests",
      perMonth: 52_700_000,
      usd: 12.8,
    },
    { item: "KV lists", part: "rebuilds", meter: "kv_lists", perMonth: 864_000, usd: 0 },
    { item: "KV keys written", part: "posts", meter: "kv_keys_written", perMonth: 1.1e6, usd: 0.6 },
  ],
  free: [
    { item: "Worker requests", meter: "requests", perDay: 1_757_000, allowed: 100_000 },
    { item: "KV lists", meter: "kv_lists", perDay: 28_800, allowed: 1_000 },
    { item: "SQLite rows written", meter: "rows_written", perDay: 54_720, allowed: 100_000 },
  ],
};
