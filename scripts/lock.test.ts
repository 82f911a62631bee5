import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
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
