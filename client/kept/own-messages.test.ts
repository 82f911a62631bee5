import { createHash } from "node:crypto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { OWN_REMOVAL_MS } from "#schema/limits";
import { forgetOwn, hashOf, ownMessages, parseOwn, secretOf } from "./own-messages";

const NOW = 1_763_900_000_000;

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  ownMessages.set([]);
});
afterEach(() => vi.useRealTimers());

test("a message keeps its secret through all attempts, and no two messages share one", () => {
  const first = secretOf("nonce-one");
  vi.setSystemTime(NOW + 1_000);
  expect(secretOf("nonce-one")).toBe(first);
  const secrets = new Set(Array.from({ length: 50 }, (_, n) => secretOf(`nonce-${n}`)));
  expect(secrets.size).toBe(50);
  expect(secrets.has(first)).toBe(false);
  expect(first).toMatch(/^[A-Za-z0-9_-]{43}$/);
});

test("the hash is the one that the wall computes", async () => {
  const secret = secretOf("nonce-one");
  expect(await hashOf(secret)).toBe(createHash("sha256").update(secret).digest("base64url"));
});

test("a browser without digests makes no hash", async () => {
  vi.stubGlobal("crypto", { getRandomValues: crypto.getRandomValues.bind(crypto) });
  expect(await hashOf(secretOf("nonce-one"))).toBeUndefined();
  vi.unstubAllGlobals();
});

test("secrets are kept for 10 minutes after the last attempt, and are bounded in number", () => {
  secretOf("nonce-old");
  vi.setSystemTime(NOW + OWN_REMOVAL_MS - 1);
  secretOf("nonce-new");
  expect(ownMessages.snapshot().map(({ nonce }) => nonce)).toEqual(["nonce-old", "nonce-new"]);
  vi.setSystemTime(NOW + OWN_REMOVAL_MS);
  forgetOwn();
  expect(ownMessages.snapshot().map(({ nonce }) => nonce)).toEqual(["nonce-new"]);
  forgetOwn("nonce-new");
  expect(ownMessages.snapshot()).toEqual([]);
  for (let n = 0; n < 300; n += 1) secretOf(`nonce-${n}`);
  expect(ownMessages.snapshot()).toHaveLength(250);
});

test("stored values that don't fit are ignored", () => {
  const good = { nonce: "nonce-one", secret: "a".repeat(43), at: NOW };
  const odd = [
    null,
    5,
    "x",
    {},
    { ...good, secret: "short" },
    { ...good, at: "1" },
    { ...good, nonce: 1 },
  ];
  expect(parseOwn([...odd, good, { ...good, at: NOW - OWN_REMOVAL_MS }])).toEqual([good]);
  for (const stored of [null, 5, "x", {}]) expect(parseOwn(stored)).toEqual([]);
});
