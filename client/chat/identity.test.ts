import { expect, test, vi } from "vitest";
import { IdentityStore, PALETTE, senderName } from "./identity";

function memory(): Pick<Storage, "getItem" | "setItem"> {
  const values = new Map<string, string>();
  return {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
  };
}

test("a new reader gets a palette colour and keeps it", () => {
  const storage = memory();
  const first = new IdentityStore({ storage, random: () => 0.5 }).snapshot();
  expect(PALETTE).toContain(first.color);
  expect(new IdentityStore({ storage, random: () => 0 }).snapshot()).toEqual(first);
});

test("name and colour are stored in this browser and reach its other tabs", () => {
  const storage = memory();
  const here = new IdentityStore({ storage, random: () => 0 });
  const there = new IdentityStore({ storage, random: () => 0 });
  const listener = vi.fn();
  there.subscribe(listener);
  here.setName("ada");
  here.setColor("#123456");
  there.reload();
  expect(there.snapshot()).toEqual({ name: "ada", color: "#123456" });
  expect(listener).toHaveBeenCalled();
});

test("with missing, full or damaged storage, choices still work until the page is closed", () => {
  const refuse = () => {
    throw new Error("quota exceeded");
  };
  const full = { ...memory(), setItem: refuse };
  for (const storage of [undefined, full]) {
    const store = new IdentityStore({ storage, random: () => 0 });
    store.setName("ada");
    expect(store.snapshot()).toEqual({ name: "ada", color: PALETTE[0] });
  }
  const spoilt = { ...memory(), getItem: () => "url(javascript:alert(1))" };
  const store = new IdentityStore({ storage: spoilt, random: () => 0 });
  expect(store.snapshot().color).toBe(PALETTE[0]);
});

test("a name is cut at sixteen characters, never inside one", () => {
  const store = new IdentityStore({ storage: undefined, random: () => 0 });
  store.setName("🌙".repeat(20));
  expect(store.snapshot().name).toBe("🌙".repeat(16));
});

test("a name typed with separate accents is counted as the wall counts it", () => {
  const store = new IdentityStore({ storage: undefined, random: () => 0 });
  const name = "\u00e9".repeat(16);
  store.setName(name.normalize("NFD"));
  expect(senderName(store.snapshot().name)).toBe(name);
  expect(senderName(name.normalize("NFD"))).toBe(name);
});

test("an emoji of several characters is kept whole or left out", () => {
  const family = "👨‍👩‍👧‍👦";
  const store = new IdentityStore({ storage: undefined, random: () => 0 });
  store.setName(`nine more${family}`);
  expect(store.snapshot().name).toBe(`nine more${family}`);
  store.setName(`ten of more${family}`);
  expect(store.snapshot().name).toBe("ten of more");
  expect(senderName(`ten of more${family}`)).toBe("ten of more");
});

test("a stored name is cut like a typed one", () => {
  const storage = memory();
  storage.setItem("saywhatwant:name", "x".repeat(100_000));
  const { name } = new IdentityStore({ storage, random: () => 0 }).snapshot();
  expect(name).toBe("x".repeat(16));
});

test.each([
  ["  ada  ", "ada"],
  ["ada\u202e lovelace", "ada lovelace"],
  ["   ", undefined],
  ["\u200b", undefined],
])("%j is sent as %j", (typed, sent) => {
  expect(senderName(typed)).toBe(sent);
});
