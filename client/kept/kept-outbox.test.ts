import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Draft } from "#schema/comment";
import { Outbox } from "../wall/outbox";
import { keepOutbox } from "./kept-outbox";

/** The tab's session storage, which outlives its pages. */
const storage = new Map<string, string>();

beforeEach(() => {
  storage.clear();
  vi.stubGlobal("sessionStorage", {
    getItem: (key: string) => storage.get(key) ?? null,
    setItem: (key: string, value: string) => storage.set(key, value),
  });
  vi.stubGlobal("window", globalThis);
});
afterEach(() => vi.unstubAllGlobals());

/** The outbox of a page in the tab; its posts never finish. */
function page() {
  const drafts: Draft[] = [];
  let count = 0;
  const outbox = new Outbox({
    post: (draft) => {
      drafts.push(draft);
      return new Promise(() => {});
    },
    onConfirmed: () => {},
    makeNonce: () => `nonce-00${++count}`,
    now: () => 1_000,
    isOnline: () => true,
    random: () => 0,
  });
  return { outbox, drafts };
}

test("unsent messages survive a reload and are sent first, with their nonces", () => {
  const before = page();
  keepOutbox(before.outbox);
  before.outbox.send({ text: "before the reload" });

  const after = page();
  keepOutbox(after.outbox);
  after.outbox.send({ text: "after it" });
  expect(after.drafts).toEqual([{ text: "before the reload", nonce: "nonce-001" }]);
  expect(after.outbox.snapshot().map(({ text }) => text)).toEqual([
    "before the reload",
    "after it",
  ]);
});

test("a message written before storing started survives a reload too", () => {
  const before = page();
  before.outbox.send({ text: "written early" });
  keepOutbox(before.outbox);

  const after = page();
  keepOutbox(after.outbox);
  expect(after.drafts).toEqual([{ text: "written early", nonce: "nonce-001" }]);
});

test.each(["null", "{", "7", '[null, {}, {"text": 1}]', '[{"text": "x", "nonce": "nonce-001"}]'])(
  "stored as %s, an outbox is ignored",
  (stored) => {
    storage.set("saywhatwant:outbox", stored);
    const { outbox } = page();
    keepOutbox(outbox);
    expect(outbox.snapshot()).toEqual([]);
  },
);

test("nothing is stored after storing was stopped", () => {
  const { outbox } = page();
  keepOutbox(outbox)();
  outbox.send({ text: "not kept" });
  expect(storage.size).toBe(0);
});
