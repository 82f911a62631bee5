import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { acquireLock } from "./lock.mjs";

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "saywhatwant-lock-"));
  file = path.join(directory, "lock");
});
afterEach(() => rmSync(directory, { recursive: true }));

test("is free, then held, then free again", () => {
  const lock = acquireLock(file);
  expect(existsSync(file)).toBe(true);
  if ("release" in lock) lock.release();
  expect(existsSync(file)).toBe(false);
});

test.each([
  ["a process that is gone", () => spawnSync(process.execPath, ["-e", ""]).pid],
  ["nobody", () => ""],
])("one left behind by %s is taken over", (_, owner) => {
  writeFileSync(file, `${owner()}\n`);
  expect(acquireLock(file)).toHaveProperty("release");
});

/** As many processes that reach for the lock at the same moment; how many got it. */
async function gotBy(processes: number) {
  const code = `import { acquireLock } from "${new URL("./lock.mjs", import.meta.url)}";
    while (Date.now() < ${Date.now() + 1_500});
    console.log("release" in acquireLock(${JSON.stringify(file)}) ? "got" : "refused");
    setTimeout(() => {}, 1_000);`;
  const words = await Promise.all(
    Array.from({ length: processes }, async () => {
      const child = spawn(process.execPath, ["--input-type=module", "--eval", code]);
      let said = "";
      for await (const chunk of child.stdout) said += chunk;
      return said.trim();
    }),
  );
  return words.filter((word) => word === "got").length;
}

test("of several that find one left behind, one takes it over", async () => {
  const gone = spawnSync(process.execPath, ["-e", ""]).pid;
  for (let round = 0; round < 3; round += 1) {
    writeFileSync(file, `${gone}\n`);
    expect(await gotBy(5)).toBe(1);
    rmSync(file);
  }
  expect(readdirSync(directory)).toEqual([]);
});
