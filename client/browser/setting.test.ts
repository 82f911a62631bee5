import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Setting } from "./setting";
import { mutedSetting, readSetting, soundSetting } from "./settings";

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

const isTrue = (stored: unknown) => stored === true;

/** Another tab stores this. */
function elsewhere(name: string, value: string) {
  storage.set(`saywhatwant:${name}`, value);
  for (const tell of tabs) tell({ key: `saywhatwant:${name}` });
}

test("a choice is kept for the next page of this browser", () => {
  new Setting("sound", false, isTrue).set(true);
  expect(new Setting("sound", false, isTrue).snapshot()).toBe(true);
  expect(new Setting("sound", false, isTrue).serverSnapshot()).toBe(false);
});

test("a choice made in another tab is taken, one of another setting is none of its business", () => {
  const setting = new Setting("sound", false, isTrue);
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
  expect(new Setting("sound", false, isTrue).snapshot()).toBe(false);
});

test.each(["null", "0", "true", '"text"', "[]", "[null, 1, {}]", "{}", '{"0":"a"}', "{", "1e999"])(
  "stored as %s, no setting has a value of another type",
  (stored) => {
    const end = [soundSetting, mutedSetting, readSetting].map(({ subscribe }) =>
      subscribe(() => {}),
    );
    for (const name of ["sound", "muted", "read"]) elsewhere(name, stored);
    expect(soundSetting.snapshot()).toBeTypeOf("boolean");
    const muted = mutedSetting.snapshot();
    expect([Array.isArray(muted), ...muted.map((name) => typeof name)]).toEqual([
      true,
      ...muted.map(() => "string"),
    ]);
    expect(readSetting.snapshot()).toBeNull();
    for (const stop of end) stop();
  },
);
