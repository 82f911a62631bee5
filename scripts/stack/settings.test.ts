import path from "node:path";
import { expect, test } from "vitest";
import { readSettings } from "./settings.mjs";

const empty = {} as NodeJS.ProcessEnv;

test("defaults, with tokens generated for this run", () => {
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

test("LIVE=off switches the live channel off", () => {
  expect(readSettings(empty).live).toBe(true);
  expect(readSettings({ ...empty, LIVE: "off" }).live).toBe(false);
});

test("given tokens are used and not printed", () => {
  const botToken = "b".repeat(22);
  const adminToken = `admin+/${"a".repeat(15)}==`;
  const settings = readSettings({ ...empty, BOT_TOKEN: botToken, ADMIN_TOKEN: adminToken });
  expect(settings).toMatchObject({ botToken, adminToken, madeTokens: {} });
});

test("the two tokens must differ", () => {
  const token = "t".repeat(22);
  expect(() => readSettings({ ...empty, BOT_TOKEN: token, ADMIN_TOKEN: token })).toThrow(
    /^ADMIN_TOKEN must differ from BOT_TOKEN/,
  );
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
