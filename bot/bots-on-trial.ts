/**
 * Set-up for the bot's tests: a scripted wall for each test, and bots on it over real HTTP. Time passes only when the
 * test advances it.
 */
import { afterEach, beforeEach, expect, vi } from "vitest";
import { Bot } from "./bot";
import type { Brain } from "./brains/brain";
import { connect } from "./connect.mjs";
import { ManualClock } from "./manual-clock";
import { ScriptedWall, TOKEN } from "./scripted-wall";
import { Wall } from "./wall";

export const THINK_MS = 60_000;

/** The wall of the current test. */
export let wall: ScriptedWall;

const running: { stopping: AbortController; ended: Promise<unknown> }[] = [];

vi.setConfig({ testTimeout: 20_000 });

beforeEach(async () => {
  wall = await ScriptedWall.open();
});

afterEach(async () => {
  for (const { stopping } of running) stopping.abort();
  await Promise.all(running.splice(0).map(({ ended }) => ended));
  wall.close();
});

export const echo: Brain = async ({ text }) => text;

interface Options {
  brain?: Brain;
  instance?: string;
  token?: string;
  addressedOnly?: boolean;
  /** Whether the bot opens a live channel. */
  live?: boolean;
}

/** Starts a bot; `ended` resolves to the error that ended it, if any. */
export function runBot(options: Options = {}) {
  const { brain = echo, instance = "echo-1", token = TOKEN } = options;
  const { addressedOnly = false, live = false } = options;
  const clock = new ManualClock();
  const stopping = new AbortController();
  const lines: string[] = [];
  const bot = new Bot({
    wall: new Wall({ url: wall.url, token }),
    brain,
    clock,
    random: () => 0,
    log: (line) => lines.push(line),
    name: "echo",
    instance,
    addressedOnly,
    thinkMs: THINK_MS,
    stopping: stopping.signal,
    ...(live && { live: { url: wall.url, token, connect } }),
  });
  const ended = bot.run().catch((error: unknown) => error);
  running.push({ stopping, ended });
  return { clock, stopping, ended, lines };
}

/** Retries `check` until it passes. */
export const eventually = (check: () => void) =>
  vi.waitFor(check, { timeout: 10_000, interval: 2 });

/** Advances time by one sleep of this many ms, once something sleeps for that long. */
export async function pass(clock: ManualClock, ms: number): Promise<void> {
  await eventually(() => expect(clock.sleeping).toContain(ms));
  clock.advance(ms);
}
