/** The role of a bearer token. */
import { expect, test, vi } from "vitest";
import { roleOf, shortTokens } from "#worker/entrypoint/tokens";

const compared = vi.hoisted(() => [] as [number, number][]);

vi.mock("node:crypto", async (importOriginal) => {
  const crypto = await importOriginal<typeof import("node:crypto")>();
  const timingSafeEqual: typeof crypto.timingSafeEqual = (a, b) => {
    compared.push([a.byteLength, b.byteLength]);
    return crypto.timingSafeEqual(a, b);
  };
  return { ...crypto, timingSafeEqual };
});

const BOT = "bot-token-0123456789abcdef";
const ADMIN = "admin-token-0123456789abcdef";
const SHORT = "only-21-characters-00";

test.each([
  ["the bot token", { bot: BOT, admin: ADMIN }, BOT, "bot"],
  ["the admin token", { bot: BOT, admin: ADMIN }, ADMIN, "admin"],
  ["no token", { bot: BOT, admin: ADMIN }, "", null],
  ["a prefix of the bot token", { bot: BOT, admin: ADMIN }, BOT.slice(0, -1), null],
  ["the bot token with an extra character", { bot: BOT, admin: ADMIN }, `${BOT}x`, null],
  ["another token of the same length", { bot: BOT, admin: ADMIN }, BOT.replace("0", "1"), null],
  ["a token of 100 KB", { bot: BOT, admin: ADMIN }, "x".repeat(100_000), null],
  ["a token when none is configured", {}, BOT, null],
  ["no token when none is configured", {}, "", null],
  ["no token when the configured ones are empty", { bot: "", admin: "" }, "", null],
  ["the text 'undefined' when none is configured", {}, "undefined", null],
  ["a configured token that is too short", { bot: SHORT, admin: ADMIN }, SHORT, null],
])("the role for %s", (_what, tokens, token, role) => {
  compared.length = 0;
  expect(roleOf(tokens, token)).toBe(role);
  // Both known tokens are always compared completely, as digests of equal length.
  expect(compared).toEqual([
    [32, 32],
    [32, 32],
  ]);
});

test("a token that is too short is reported with its role", () => {
  expect(shortTokens({ bot: SHORT, admin: ADMIN })).toEqual(["bot"]);
  expect(shortTokens({ bot: BOT })).toEqual([]);
});
