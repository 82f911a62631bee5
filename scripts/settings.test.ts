import path from "node:path";
import { expect, test } from "vitest";
import { readSettings } from "./settings.mjs";

const empty = {} as NodeJS.ProcessEnv;

test("defaults, with tokens made for this run", () => {
  const settings = readSettings(empty);
  expect(settings).toMatchObject({
    host: "127.0.0.1",
    port: 8788,
    wall: "main",
    ledger: "kv",
    cron: true,
  });
  expect(path.basename(settings.stateDir)).toBe(".state");
  expect(settings.botToken).toMatch(/^[0-9a-f]{64}$/);
  expect(settings.madeTokens).toEqual({
    BOT_TOKEN: settings.botToken,
    ADMIN_TOKEN: settings.adminToken,
  });
});

test("given tokens are taken and not announced", () => {
  const settings = readSettings({ ...empty, BOT_TOKEN: "bot", ADMIN_TOKEN: "admin+/==" });
  expect(settings).toMatchObject({ botToken: "bot", adminToken: "admin+/==", madeTokens: {} });
});

test.each([
  ["PORT", "abc"],
  ["PORT", "-1"],
  ["PORT", "65536"],
  ["PORT", "80.5"],
  ["WALL", "Main"],
  ["WALL", "a b"],
  ["WALL", "x".repeat(64)],
  ["LEDGER", "paper"],
  ["BOT_TOKEN", "two words"],
  ["ADMIN_TOKEN", 'quo"te'],
])("%s=%s is refused by name", (name, value) => {
  expect(() => readSettings({ ...empty, [name]: value })).toThrow(new RegExp(`^${name} `));
});
