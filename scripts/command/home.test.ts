import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { provideHome } from "./home.mjs";

let home: string;
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), "saywhatwant-home-"));
});
afterEach(() => rmSync(home, { recursive: true }));

/** The environment afterwards. */
function provided(env: Record<string, string>) {
  const changed = { ...env };
  provideHome("/state", changed);
  return changed;
}

test("a writable home stays in use", () => {
  expect(provided({ HOME: home })).toEqual({ HOME: home });
});

test.each([
  ["is missing", () => path.join(home, "nonexistent")],
  ["is below a file", () => path.join(home, "file", "home")],
])(
  "a home that %s is not used; the tools keep their files in the state directory",
  (_, placeOf) => {
    writeFileSync(path.join(home, "file"), "");
    const HOME = placeOf();
    const npm = path.join(HOME, ".npm");
    expect(provided({ HOME, npm_config_cache: npm, XDG_CACHE_HOME: "/elsewhere" })).toEqual({
      HOME,
      XDG_CONFIG_HOME: "/state/home/config",
      XDG_CACHE_HOME: "/elsewhere",
      XDG_DATA_HOME: "/state/home/data",
      npm_config_cache: "/state/home/npm",
    });
  },
);
