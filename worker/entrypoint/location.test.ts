import { expect, test } from "vitest";
import type { Env } from "../env";
import { parseLocationHint, rebuilderOf } from "./location";

function callsFor(hint?: string) {
  const calls: unknown[][] = [];
  const REBUILDER = { getByName: (...args: unknown[]) => calls.push(args) };
  const env = { REBUILDER, ...(hint !== undefined && { LOCATION_HINT: hint }) };
  rebuilderOf(env as unknown as Env, "main");
  return calls;
}

test("every stub is created with the configured location", () => {
  expect(callsFor("weur")).toEqual([["main", { locationHint: "weur" }]]);
});

test.each([undefined, ""])(
  "no location is passed if none is configured (%j), so that the platform chooses",
  (hint) => {
    expect(callsFor(hint)).toEqual([["main"]]);
  },
);

test.each(["europe", "WEUR", "weur "])("the unknown location %j is refused", (hint) => {
  expect(() => parseLocationHint(hint)).toThrow("LOCATION_HINT must be one of wnam");
});
