/** The role of a bearer token. */
import { expect, test, vi } from "vitest";
import { holderOf, refusedTokens, roleOf } from "#worker/entrypoint/tokens";

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

const MORE = "another-token-0123456789abcdef";

test.each([
  ["the first of two plain tokens", `${ADMIN} ${MORE}`, ADMIN, { role: "admin" }],
  ["the second of two plain tokens", `${ADMIN} ${MORE}`, MORE, { role: "admin" }],
  ["a named token", `alice:${ADMIN} bob:${MORE}`, MORE, { role: "admin", name: "bob" }],
  [
    "a named token beside a plain one",
    `${ADMIN}\n alice:${MORE}`,
    MORE,
    { role: "admin", name: "alice" },
  ],
  ["a token sent with its name", `alice:${ADMIN}`, `alice:${ADMIN}`, null],
  ["a name alone", `alice:${ADMIN}`, "alice", null],
  ["all tokens at once", `${ADMIN} ${MORE}`, `${ADMIN} ${MORE}`, null],
  ["a short token beside a long one", `alice:${SHORT} ${ADMIN}`, SHORT, null],
  ["a name without a token", `alice: ${ADMIN}`, "", null],
])("the holder of %s", (_what, admin, token, holder) => {
  compared.length = 0;
  expect(holderOf({ bot: BOT, admin }, token)).toEqual(holder);
  expect(compared.length).toBe(1 + admin.trim().split(/\s+/).length);
  expect(compared.every(([a, b]) => a === 32 && b === 32)).toBe(true);
});

test("a role has 20 tokens, further ones don't count", () => {
  const all = Array.from({ length: 21 }, (_, n) => `holder-${n}:${ADMIN}-${n}`);
  const admin = all.join(" ");
  expect(holderOf({ admin }, `${ADMIN}-19`)).toEqual({ role: "admin", name: "holder-19" });
  expect(holderOf({ admin }, `${ADMIN}-20`)).toBeNull();
  expect(refusedTokens({ admin })).toEqual([
    { role: "admin", name: "holder-20", reason: "more than 20 tokens" },
  ]);
});

test("a token that is too short is reported with its role and its holder's name", () => {
  const reason = "shorter than 22 characters";
  expect(refusedTokens({ bot: SHORT, admin: ADMIN })).toEqual([{ role: "bot", reason }]);
  expect(refusedTokens({ admin: `${ADMIN} bob:${SHORT}` })).toEqual([
    { role: "admin", name: "bob", reason },
  ]);
  expect(refusedTokens({ bot: BOT })).toEqual([]);
});
