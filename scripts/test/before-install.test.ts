/** Commands that a fresh clone runs before the install must not need installed packages. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../command/paths.mjs";

const SCRIPTS = path.join(ROOT, "scripts");
const INSTALLS = path.join(SCRIPTS, "command", "install.mjs");

/** The static imports of a file; `import()` runs later. */
function importsOf(file: string): string[] {
  const imports = readFileSync(file, "utf8").matchAll(
    /^(?:import|export)\s(?:[^"';]*\sfrom\s)?"([^"]+)"/gm,
  );
  return [...imports].map(([, name = ""]) =>
    name.startsWith(".") ? path.resolve(path.dirname(file), name) : name,
  );
}

function loadedBy(file: string, seen = new Set<string>()): Set<string> {
  for (const name of importsOf(file)) {
    if (seen.has(name)) continue;
    seen.add(name);
    if (path.isAbsolute(name)) loadedBy(name, seen);
  }
  return seen;
}

const commands = readdirSync(SCRIPTS)
  .filter((name) => name.endsWith(".mjs"))
  .map((name) => ({ name, loads: loadedBy(path.join(SCRIPTS, name)) }))
  .filter(({ loads }) => loads.has(INSTALLS));

test("start, build and test install by themselves", () => {
  expect(commands.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["start.mjs", "build.mjs", "test.mjs"]),
  );
});

test.each(commands)("$name loads no package before the install", ({ loads }) => {
  const packages = [...loads].filter((name) => !path.isAbsolute(name) && !name.startsWith("node:"));
  expect(packages).toEqual([]);
});
