import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Setting } from "./setting";

const storage = new Map<string, string>();
let tabs: ((event: { key: string }) => void)[];

beforeEach(() => {
  storage.clear();
  tabs = [];
  vi.stubGlobal("window", {
    localStorage: {
      getItem: (key: string) => storage.get(key) ?? null,
      setItem: (key: string, value: string) => storage.set(key, value),
    },
    addEventListener: (_: string, listener: (event: { key: string }) => void) =>
      tabs.push(listener),
    removeEventListener: (_: string, listener: (event: { key: string }) => void) => {
      tabs = tabs.filter((each) => each !== listener);
    },
  });
});
afterEach(() => vi.unstubAllGlobals());

/** Another tab stores this. */
function elsewhere(name: string, value: string) {
  storage.set(`saywhatwant:${name}`, value);
  for (const tell of tabs) tell({ key: `saywhatwant:${name}` });
}

test("a choice is kept for the next page of this browser", () => {
  new Setting("sound", false).set(true);
  expect(new Setting("sound", false).snapshot()).toBe(true);
  expect(new Setting("sound", false).serverSnapshot()).toBe(false);
});

test("a choice made in another tab is taken, one of another setting is none of its business", () => {
  const setting = new Setting("sound", false);
  const listener = vi.fn();
  const end = setting.subscribe(listener);
  elsewhere("muted", "true");
  expect(listener).not.toHaveBeenCalled();
  elsewhere("sound", "true");
  expect(setting.snapshot()).toBe(true);
  expect(listener).toHaveBeenCalledTimes(1);
  end();
  elsewhere("sound", "false");
  expect(listener).toHaveBeenCalledTimes(1);
});

test("a stored value that is not JSON is ignored", () => {
  storage.set("saywhatwant:sound", "{");
  expect(new Setting("sound", false).snapshot()).toBe(false);
});
