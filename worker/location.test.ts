import { expect, test } from "vitest";
import type { Env } from "./env";
import { parseLocationHint, rebuilderOf } from "./location";

function callsFor(hint?: string) {
  const calls: unknown[][] = [];
  const REBUILDER = { getByName: (...args: unknown[]) => calls.push(args) };
  const env = { REBUILDER, ...(hint !== undefined && { LOCATION_HINT: hint }) };
  rebuilderOf(env as unknown as Env, "main");
  return calls;
}

test("every stub is requested with the configured location", () => {
  expect(callsFor("weur")).toEqual([["main", { locationHint: "weur" }]]);
});

test.each([undefined, ""])("without a configured location (%j), the platform chooses", (hint) => {
  expect(callsFor(hint)).toEqual([["main"]]);
});

test.each(["europe", "WEUR", "weur "])("%j is rejected as a location", (hint) => {
  expect(() => parseLocationHint(hint)).toThrow("LOCATION_HINT must be one of wnam");
});
