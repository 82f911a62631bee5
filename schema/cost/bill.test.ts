import { describe, expect, it } from "vitest";
import { REBUILD_INTERVAL_MS } from "../limits";
import { billOf, type Counted, MONTH_MS, pingsAtMost, tallyOf, usdBeyondPlan } from "./bill";
import { type Meter, PRICES } from "./prices";

const TICKS = MONTH_MS / REBUILD_INTERVAL_MS;
const MINUTE_MS = 60_000;

/** A month of an unused wall. */
const IDLE: Counted = {
  ms: MONTH_MS,
  ledger: "kv",
  operations: { kv_list: TICKS, alarm_set: TICKS, kv_list_sweep: MONTH_MS / MINUTE_MS },
};

const bill = (counted: Counted) => billOf(tallyOf(counted), counted.ms);
const meter = (counted: Counted, name: Meter) =>
  bill(counted).meters.find((total) => total.meter === name);

describe("the price of a meter", () => {
  it.each<[Meter, number, number]>([
    ["requests", 10_000_000, 0],
    ["requests", 51_840_000, 12.552],
    ["kv_keys_written", 43_200_000, 211],
    ["kv_lists", 1_000_000, 0],
    ["kv_keys_read", 86_400_000, 38.2],
    ["object_requests", 43_200_000, 6.33],
    ["object_gb_s", 331_776, 0],
    ["rows_written", 51_000_000, 1],
    ["kv_stored_gb", 11, 5],
  ])("%s: %d a month cost $%d beyond the plan", (name, amount, usd) => {
    expect(usdBeyondPlan(name, amount)).toBeCloseTo(usd, 6);
  });

  it("cites a source for each", () => {
    for (const { source } of Object.values(PRICES)) expect(source).toMatch(/pricing$/);
  });
});

describe("the bill", () => {
  it("an idle wall costs only the plan", () => {
    expect(bill(IDLE).usd).toEqual({ least: 5, most: 5 });
  });

  it("on the Free plan an idle wall exceeds only the allowance for lists", () => {
    const over = bill(IDLE).meters.filter(({ shareOfFree }) => (shareOfFree?.most ?? 0) > 1);
    expect(over.map((total) => total.meter)).toEqual(["kv_lists"]);
    expect(meter(IDLE, "kv_lists")?.shareOfFree?.least).toBeCloseTo(30.24);
  });

  it("one minute and one month of the same use give the same bill", () => {
    const posts = { notice: 43_200_000, kv_write: TICKS, sync: 2_592_000 };
    const month = { ...IDLE, operations: { ...IDLE.operations, ...posts }, polls: 51_840_000 };
    const share = MINUTE_MS / MONTH_MS;
    const scaled = Object.entries(month.operations).map(([kind, times]) => [kind, times * share]);
    const minute = {
      ...month,
      ms: MINUTE_MS,
      polls: month.polls * share,
      operations: Object.fromEntries(scaled),
    };
    expect(bill(minute).usd.least).toBeCloseTo(bill(month).usd.least, 6);
    expect(bill(minute).usd.most).toBeCloseTo(bill(month).usd.most, 6);
  });

  it("a post's request, its write and its notice count as posts", () => {
    const { lines } = bill({ ...IDLE, operations: { notice: 43_200_000 } });
    const usd = (part: string, name: Meter) =>
      lines.find((line) => line.part === part && line.meter === name)?.usd.least;
    expect(usd("posts", "kv_keys_written")).toBeCloseTo(211);
    // The cron's own runs use up the same allowance.
    expect(usd("posts", "requests")).toBeCloseTo(9.96, 1);
    expect(usd("notices", "object_requests")).toBeCloseTo(6.33, 1);
  });

  it("a bot's message counts as one client request", () => {
    const bots = { ...IDLE, operations: { notice: 10, accept: 10, claim: 10 } };
    const idle = meter(IDLE, "requests")?.amount.least ?? 0;
    expect((meter(bots, "requests")?.amount.least ?? 0) - idle).toBe(20);
  });

  it("the lines of a meter add up to its total", () => {
    const busy = {
      ...IDLE,
      operations: { ...IDLE.operations, notice: 43_200_000, kv_write: TICKS },
    };
    const { lines, usdBeyondPlan: beyond } = bill(busy);
    expect(lines.reduce((sum, { usd }) => sum + usd.most, 0)).toBeCloseTo(beyond.most, 6);
    const spare = lines.find(
      ({ part, meter: of }) => part === "rebuilds" && of === "kv_keys_written",
    );
    expect(spare?.usd.least).toBeCloseTo(4.22, 2);
  });

  it("polls range from one isolate to one isolate each", () => {
    const polled = { ...IDLE, polls: 51_840_000, operations: { sync: 2_592_000 } };
    const { least = 0, most = 0 } = meter(polled, "object_requests")?.amount ?? {};
    expect(most - least).toBe(51_840_000 - 2_592_000);
    const together = meter({ ...polled, readersApart: false }, "object_requests");
    expect(together?.amount.most).toBe(least);
  });

  it("stored data counts once, plus a month's growth", () => {
    const stored = { kvBytes: 2_000_000_000, sqliteBytes: 0, kvBytesPerPost: 500 };
    const total = meter({ ...IDLE, ms: MONTH_MS / 2, posts: 21_600_000, stored }, "kv_stored_gb");
    expect(total?.amount).toEqual({ least: 2, most: 23.6 });
    expect(total?.usd.least).toBeCloseTo(0.5);
    expect(total?.shareOfFree?.most).toBeCloseTo(23.6);
  });

  it("a post takes no KV write and no notice on the sqlite ledger", () => {
    const own = { ...IDLE, ledger: "sqlite", operations: { append: 10, row_written: 10 } } as const;
    expect(meter(own, "kv_keys_written")).toBeUndefined();
    const { lines } = bill(own);
    const ofPosts = lines.filter(({ part }) => part === "posts" || part === "notices");
    expect(ofPosts.map(({ meter: of, amount }) => [of, amount.most])).toEqual([
      ["requests", 10],
      ["object_requests", 10],
    ]);
  });

  it("live channels cost a request for each opening, and a twentieth for each message", () => {
    const operations = { ...IDLE.operations, live_connect: 1_000, live_message: 40_000_000 };
    const live = { ...IDLE, ledger: "sqlite", operations } as const;
    const { lines } = bill(live);
    const amountOf = (part: string) =>
      lines
        .filter((line) => line.part === part)
        .map(({ meter: of, amount }) => [of, Math.round(amount.most)]);
    expect(amountOf("connects")).toEqual([
      ["requests", 1_000],
      ["object_requests", 1_000],
    ]);
    expect(amountOf("messages")).toEqual([["object_requests", 2_000_000]]);
  });

  it("pings are free at the least, and billed like messages at the most", () => {
    const pings = pingsAtMost(100, MONTH_MS);
    expect(pings).toBe(25_920_000);
    const line = bill({ ...IDLE, pings }).lines.find(({ part }) => part === "pings");
    expect(line?.amount).toEqual({ least: 0, most: 1_296_000 });
  });

  it("a message that came over the channel is no request to the Worker", () => {
    const own = { ...IDLE, ledger: "sqlite", posts: 1_000, operations: { append: 200 } } as const;
    const line = bill(own).lines.find(
      ({ part, meter: of }) => part === "posts" && of === "requests",
    );
    expect(line?.amount.most).toBe(200);
  });

  it("an idle wall with five tabs around the clock stays inside the Free plan's day", () => {
    const days = MONTH_MS / (24 * 60 * MINUTE_MS);
    // Audits once a minute, and an hourly reconnect of each.
    const operations = { live_connect: 5 * 24 * days, live_message: 0, sync: 5 * 24 * 60 * days };
    const quiet: Counted = {
      ms: MONTH_MS,
      ledger: "sqlite",
      operations,
      polls: 5 * 24 * 60 * days,
      pings: pingsAtMost(5, MONTH_MS),
    };
    for (const { shareOfFree } of bill(quiet).meters)
      if (shareOfFree) expect(shareOfFree.most).toBeLessThan(1);
  });
});
