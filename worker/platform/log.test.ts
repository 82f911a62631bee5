import { expect, test } from "vitest";
import { withoutIdleRebuilds } from "./log";

test("an idle wall logs its rebuilds once a minute; every other event is logged at once", () => {
  let now = 0;
  const logged: [string, unknown][] = [];
  const log = withoutIdleRebuilds(
    (event, fields) => logged.push([event, fields?.new]),
    () => now,
  );
  for (; now < 120_000; now += 3_000) log("cache rebuilt", { new: 0 });
  expect(logged).toEqual([
    ["cache rebuilt", 0],
    ["cache rebuilt", 0],
  ]);
  log("cache rebuilt", { new: 2 });
  log("rebuild failed", { error: "no" });
  log("publish failed");
  expect(logged.slice(2).map(([event]) => event)).toEqual([
    "cache rebuilt",
    "rebuild failed",
    "publish failed",
  ]);
});
