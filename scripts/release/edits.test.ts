import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../command/paths.mjs";
import { isEarlierVersion } from "../command/version.mjs";
import { released, withVersion } from "./edits.mjs";

test.each([
  ["0.2.0", "0.1.9", true],
  ["0.10.0", "0.9.0", true],
  ["1.0.0", "0.99.99", true],
  ["0.1.0", "0.1.0", false],
  ["0.1.9", "0.2.0", false],
])("%s after %s: %s", (version, than, later) => {
  expect(isEarlierVersion(than, version)).toBe(later);
});

test("only the project's own version changes in manifest and lock file", () => {
  const read = (file: string) => readFileSync(path.join(ROOT, file), "utf8");
  expect(JSON.parse(withVersion(read("package.json"), "7.8.9", 1))).toEqual({
    ...JSON.parse(read("package.json")),
    version: "7.8.9",
  });
  const lock = JSON.parse(read("package-lock.json"));
  const changed = JSON.parse(withVersion(read("package-lock.json"), "7.8.9", 2));
  expect(changed.version).toBe("7.8.9");
  expect(changed.packages[""].version).toBe("7.8.9");
  lock.version = "7.8.9";
  lock.packages[""].version = "7.8.9";
  expect(changed).toEqual(lock);
});

test("unreleased changes move under the version, and a heading for the next ones stays", () => {
  const first =
    "# Changelog\n\n## Unreleased\n\nNothing has been released yet: no tag.\nDates.\n\n### Added\n\n- A wall.\n";
  const changelog = released(first, "0.2.0", "2026-12-01");
  expect(changelog).toBe(
    "# Changelog\n\n## Unreleased\n\n## 0.2.0 (2026-12-01)\n\n### Added\n\n- A wall.\n",
  );
  expect(() => released(changelog, "0.3.0", "2026-12-02")).toThrow("nothing to release");
  expect(() => released("# Changelog\n", "0.3.0", "2026-12-02")).toThrow("one heading");
});
