import path from "node:path";
import { expect, test } from "vitest";
import { readSettings } from "./settings.mjs";

const empty = {} as NodeJS.ProcessEnv;

test("defaults", () => {
  const settings = readSettings(empty);
  expect(settings).toMatchObject({
    host: "127.0.0.1",
    port: 8788,
    wall: "main",
    ledger: "kv",
    cron: true,
    tokens: { BOT_TOKEN: "", ADMIN_TOKEN: "" },
  });
  expect(path.basename(settings.stateDir)).toBe(".state");
});

test("LIVE=off switches the live channel off", () => {
  expect(readSettings(empty).live).toBe(true);
  expect(readSettings({ ...empty, LIVE: "off" }).live).toBe(false);
});

test("reads given tokens", () => {
  const tokens = { BOT_TOKEN: "b".repeat(22), ADMIN_TOKEN: `admin+/${"a".repeat(15)}==` };
  expect(readSettings({ ...empty, ...tokens }).tokens).toEqual(tokens);
});

test("allowed origins are separated by commas or spaces", () => {
  const given = "https://a.example, http://localhost:3000";
  const { allowedOrigins } = readSettings({ ...empty, ALLOWED_ORIGINS: given });
  expect(allowedOrigins).toBe("https://a.example,http://localhost:3000");
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
  ["BOT_TOKEN", "of-only-21-characters"],
  ["ADMIN_TOKEN", 'quo"te'],
  ["ALLOWED_ORIGINS", "example.com"],
  ["ALLOWED_ORIGINS", "https://example.com/"],
  ["ALLOWED_ORIGINS", "https://example.com, *"],
])("a refusal of %s=%s names the variable", (name, value) => {
  expect(() => readSettings({ ...empty, [name]: value })).toThrow(new RegExp(`^${name} `));
});
