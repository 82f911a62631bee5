import { expect, test } from "vitest";
import { SAMPLE_MS } from "#schema/limits";
import type { Sample } from "#schema/status";
import { costOf } from "./cost";

function samples(minutes: number, operations: Record<string, number>): Sample[] {
  return Array.from({ length: minutes }, (_, index) => ({
    at: index * SAMPLE_MS,
    ms: SAMPLE_MS,
    ageMaxMs: 3_000,
    rebuilds: { count: 20, failed: 0, p50Ms: 20, maxMs: 30 },
    operations,
  }));
}

const IDLE = { kv_list: 20, alarm_set: 20 };

test("there is no cost estimate from less than ten minutes", () => {
  expect(costOf(samples(9, IDLE), "kv", 0)).toBeUndefined();
  const almost = samples(10, IDLE).map((sample) => ({ ...sample, ms: SAMPLE_MS - 1 }));
  expect(costOf(almost, "kv", 0)).toBeUndefined();
  expect(costOf(samples(10, IDLE), "kv", 0)).toMatchObject({ countedMs: 10 * SAMPLE_MS });
});

test("an idle wall costs the plan, and exceeds the Free plan's daily lists", () => {
  const cost = costOf(samples(60, IDLE), "kv", 1_000_000);
  expect(cost?.perMonthUsd).toBe(5);
  expect(cost?.lines).toContainEqual({
    item: "KV lists",
    part: "rebuilds",
    meter: "kv_lists",
    perMonth: 864_000,
    usd: 0,
  });
  const lists = cost?.free.find(({ meter }) => meter === "kv_lists");
  expect(lists).toMatchObject({ perDay: 28_800, allowed: 1_000 });
});

test("messages are billed by written key, polls by request", () => {
  const busy = { ...IDLE, notice: 1_000, message: 1_000, poll: 1_000, sync: 60 };
  const cost = costOf(samples(30, busy), "kv", 0);
  const line = (part: string, meter: string) =>
    cost?.lines.find((found) => found.part === part && found.meter === meter);
  expect(line("posts", "kv_keys_written")).toMatchObject({ perMonth: 43_200_000, usd: 211 });
  expect(line("polls", "requests")?.perMonth).toBe(43_200_000);
  expect(line("polls", "object_requests")?.perMonth).toBe(60 * 43_200);
});

test("open channels add their pings, and posts over them add no request", () => {
  const busy = { alarm_set: 20, append: 200, live_message: 800, message: 1_000, live_connect: 3 };
  const cost = costOf(samples(30, busy), "sqlite", 0, 100);
  const perMonth = (part: string, meter: string) =>
    cost?.lines.find((found) => found.part === part && found.meter === meter)?.perMonth;
  expect(perMonth("posts", "requests")).toBe(200 * 43_200);
  expect(perMonth("messages", "object_requests")).toBe(40 * 43_200);
  expect(perMonth("connects", "requests")).toBe(3 * 43_200);
  expect(perMonth("pings", "object_requests")).toBe(1_296_000);
});
