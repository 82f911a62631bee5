import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { beforeEach, expect, test } from "vitest";
import { scratchDirectory } from "../command/scratch.mjs";
import { firstToken, provideTokens, requireDistinctTokens, requireToken } from "./tokens.mjs";

let stateDir: string;
let file: string;
beforeEach(() => {
  stateDir = scratchDirectory("tokens");
  file = path.join(stateDir, "tokens.json");
});

const A_TOKEN = "a".repeat(22);
const B_TOKEN = "b".repeat(22);
const UNSET = { BOT_TOKEN: "", ADMIN_TOKEN: "" };

test("tokens that are not set are made once, and are the same at the next start", () => {
  const first = provideTokens(stateDir, UNSET);
  expect(first.tokens.BOT_TOKEN).toMatch(/^[0-9a-f]{64}$/);
  expect(first.tokens.ADMIN_TOKEN).toMatch(/^[0-9a-f]{64}$/);
  expect(first.tokens.ADMIN_TOKEN).not.toBe(first.tokens.BOT_TOKEN);
  expect(first.kept).toEqual(first.tokens);
  expect(provideTokens(stateDir, UNSET)).toEqual(first);
});

test("only the owner can read the file, whatever the umask and its mode before", () => {
  const umask = process.umask(0);
  try {
    provideTokens(stateDir, UNSET);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    chmodSync(file, 0o644);
    provideTokens(stateDir, UNSET);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  } finally {
    process.umask(umask);
  }
});

test("a token from the environment is used and not stored; the kept one returns without it", () => {
  const given = { BOT_TOKEN: B_TOKEN, ADMIN_TOKEN: A_TOKEN };
  expect(provideTokens(stateDir, given)).toEqual({ tokens: given, kept: {} });
  expect(existsSync(file)).toBe(false);

  const made = provideTokens(stateDir, UNSET).tokens;
  const mixed = provideTokens(stateDir, { BOT_TOKEN: B_TOKEN, ADMIN_TOKEN: "" });
  expect(mixed).toEqual({
    tokens: { BOT_TOKEN: B_TOKEN, ADMIN_TOKEN: made.ADMIN_TOKEN },
    kept: { ADMIN_TOKEN: made.ADMIN_TOKEN },
  });
  expect(readFileSync(file, "utf8")).not.toContain(B_TOKEN);
  expect(provideTokens(stateDir, UNSET).tokens).toEqual(made);
});

test("a file with one of the tokens gets the other", () => {
  writeFileSync(file, JSON.stringify({ BOT_TOKEN: B_TOKEN }));
  const { tokens } = provideTokens(stateDir, UNSET);
  expect(tokens.BOT_TOKEN).toBe(B_TOKEN);
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(tokens);
});

test("a given token must differ from the kept one", () => {
  const { tokens } = provideTokens(stateDir, UNSET);
  const given = { BOT_TOKEN: "", ADMIN_TOKEN: tokens.BOT_TOKEN ?? "" };
  expect(() => provideTokens(stateDir, given)).toThrow(
    /^ADMIN_TOKEN must differ from BOT_TOKEN\.$/,
  );
});

test.each([
  ["cut off", '{"BOT_TOKEN": "'],
  ["empty", ""],
  ["no object", "null"],
  ["a list", "[]"],
  ["a token that is no text", '{"BOT_TOKEN": 7}'],
  ["a token that no client can send", `{"BOT_TOKEN": "${"ü".repeat(30)}"}`],
  ["a token that the Worker would ignore", '{"ADMIN_TOKEN": "short"}'],
  ["the same token twice", `{"BOT_TOKEN": "${A_TOKEN}", "ADMIN_TOKEN": "${A_TOKEN}"}`],
])("an invalid file (%s) is refused in one sentence and stays as it is", (_, contents) => {
  writeFileSync(file, contents);
  expect(() => provideTokens(stateDir, UNSET)).toThrow(
    `${file} is no valid list of tokens. Delete it to have new tokens made.`,
  );
  expect(readFileSync(file, "utf8")).toBe(contents);
});

test("a file that can't be read is refused with the reason", async () => {
  await mkdir(file);
  expect(() => provideTokens(stateDir, UNSET)).toThrow(
    /^The tokens in .+tokens\.json can't be read: EISDIR.+$/,
  );
});

test("a value may hold several tokens with their holders' names", () => {
  requireToken("ADMIN_TOKEN", `alice:${A_TOKEN} ${B_TOKEN}`);
  requireToken("ADMIN_TOKEN", Array.from({ length: 20 }, () => A_TOKEN).join(" "));
  const given = { BOT_TOKEN: B_TOKEN, ADMIN_TOKEN: `alice:${A_TOKEN} bob:${"c".repeat(22)}` };
  expect(provideTokens(stateDir, given).tokens).toEqual(given);
});

test.each([
  ["a short one", `alice:short ${A_TOKEN}`, /^ADMIN_TOKEN, alice's token, must have at least 22/],
  ["one that no client can send", `a:${"ü".repeat(30)}`, /^ADMIN_TOKEN, a's token, may contain/],
  [
    "a token and its name in the wrong order",
    `${A_TOKEN}:alice`,
    /^(?!.*aaaa).*name before a token/,
  ],
  ["a wrong name", `no name?:${A_TOKEN}`, /must have at least 22|name before a token/],
  ["no name before the colon", `:${A_TOKEN}`, /name before a token/],
  ["21 of them", Array.from({ length: 21 }, () => A_TOKEN).join(" "), /at most 20 tokens/],
  ["only spaces", "  ", /holds no token/],
])("a list of tokens with %s is refused", (_, value, words) => {
  expect(() => requireToken("ADMIN_TOKEN", value)).toThrow(words);
});

test("no bot and no admin share a token, under any name", () => {
  const tokens = { BOT_TOKEN: `${B_TOKEN} ada:${A_TOKEN}`, ADMIN_TOKEN: `alice:${A_TOKEN}` };
  expect(() => requireDistinctTokens(tokens)).toThrow(/must differ/);
});

test("a command sends the first token, without its holder's name", () => {
  expect(firstToken(`alice:${A_TOKEN} ${B_TOKEN}`)).toBe(A_TOKEN);
  expect(firstToken(A_TOKEN)).toBe(A_TOKEN);
  expect(firstToken("")).toBe("");
});
