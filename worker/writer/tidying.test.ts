import { expect, test } from "vitest";
import type { Journal } from "../journal/journal";
import { Claims } from "./claims";
import type { WriterState } from "./state/state";
import { tidying } from "./tidying";

const START = 1_790_000_000_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

function setUp() {
  const world = { now: START, forgotten: [] as number[] };
  const journal = { forgetClaims: () => {}, forgetArchives: () => {} } as Partial<Journal>;
  const state = {
    forget: (_now: number, marksUntil = 0) => void world.forgotten.push(marksUntil),
  } as Partial<WriterState>;
  const tidy = tidying({
    clock: { now: () => world.now, sleep: async () => {} },
    journal: journal as Journal,
    state: state as WriterState,
    claims: new Claims(),
    keys: null,
    log: () => {},
  });
  const forgets = () => {
    tidy();
    return (world.forgotten.at(-1) ?? 0) - START;
  };
  return { world, forgets };
}

test("a clock that jumps hours ahead makes no mark expire for some minutes", () => {
  const { world, forgets } = setUp();
  expect(forgets()).toBe(0);
  world.now += 4 * HOUR_MS;
  for (let minute = 0; minute < 4; minute += 1) {
    expect(forgets()).toBeLessThan(HOUR_MS);
    world.now += MINUTE_MS;
  }
  expect(forgets()).toBeGreaterThanOrEqual(4 * HOUR_MS);
});

test("a clock that was hours ahead and is set right makes no mark expire", () => {
  const { world, forgets } = setUp();
  world.now += 4 * HOUR_MS;
  for (let minute = 0; minute < 9; minute += 1) {
    forgets();
    world.now += MINUTE_MS;
  }
  world.now = START + 10 * MINUTE_MS;
  expect(forgets()).toBe(10 * MINUTE_MS);
});
