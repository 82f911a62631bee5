/** Whom a bearer token makes its sender. */
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
  ["the bot's", { bot: BOT, admin: ADMIN }, BOT, "bot"],
  ["the admin's", { bot: BOT, admin: ADMIN }, ADMIN, "admin"],
  ["none", { bot: BOT, admin: ADMIN }, "", null],
  ["its beginning", { bot: BOT, admin: ADMIN }, BOT.slice(0, -1), null],
  ["more than it", { bot: BOT, admin: ADMIN }, `${BOT}x`, null],
  ["another of its length", { bot: BOT, admin: ADMIN }, BOT.replace("0", "1"), null],
  ["one of 100 KB", { bot: BOT, admin: ADMIN }, "x".repeat(100_000), null],
  ["any where none is set", {}, BOT, null],
  ["none where none is set", {}, "", null],
  ["none where it is empty", { bot: "", admin: "" }, "", null],
  ["undefined where none is set", {}, "undefined", null],
  ["one that is too short", { bot: SHORT, admin: ADMIN }, SHORT, null],
])("%s", (_what, tokens, token, role) => {
  compared.length = 0;
  expect(roleOf(tokens, token)).toBe(role);
  // Whatever was sent and is known: both compared, to their ends, as digests of one length.
  expect(compared).toEqual([
    [32, 32],
    [32, 32],
  ]);
});

test("a token that is too short is reported by its role", () => {
  expect(shortTokens({ bot: SHORT, admin: ADMIN })).toEqual(["bot"]);
  expect(shortTokens({ bot: BOT })).toEqual([]);
});
