import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { acquireLock } from "./lock.mjs";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "saywhatwant-lock-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

/**
 * A process that tries to take the lock at a given moment, reports the result, and keeps the lock
 * until it is killed.
 */
function contender({ at = 0, wrapper = [] as string[], place = directory } = {}) {
  const code = `import { acquireLock } from ${JSON.stringify(new URL("./lock.mjs", import.meta.url))};
    while (Date.now() < ${at});
    const lock = await acquireLock(${JSON.stringify(place)}, "lock");
    console.log("release" in lock ? "got" : lock.heldBy);
    setTimeout(() => {}, 60_000);`;
  const argv = [...wrapper, process.execPath, "--input-type=module", "--eval", code];
  const child = spawn(argv[0] as string, argv.slice(1), { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const kill = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  onTestFinished(kill);
  const said = new Promise<string>((resolve) => {
    child.stdout.once("data", (chunk) => resolve(String(chunk).trim()));
    child.once("exit", () => resolve("ended"));
  });
  return { child, said, kill };
}

/** Runs the command in a new pid namespace, like a container. */
const CONTAINED = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"];
const [unshare = "", ...options] = CONTAINED;
const canContain = spawnSync(unshare, [...options, "true"]).status === 0;

test("is free, then held, then free again, and leaves no file", async () => {
  const lock = await acquireLock(directory, "lock");
  expect(await acquireLock(directory, "lock")).toEqual({
    heldBy: expect.stringContaining(`process ${process.pid} on `),
  });
  expect(await acquireLock(directory, "another")).toHaveProperty("release");
  if ("release" in lock) lock.release();
  expect(await acquireLock(directory, "lock")).toHaveProperty("release");
});

test("releasing removes the file", async () => {
  const lock = await acquireLock(directory, "lock");
  if ("release" in lock) lock.release();
  expect(readdirSync(directory)).toEqual([]);
});

test("is taken over at once after its owner was killed", async () => {
  const owner = contender();
  expect(await owner.said).toBe("got");
  await owner.kill();
  expect(readdirSync(directory)).toHaveLength(1);
  expect(await acquireLock(directory, "lock")).toHaveProperty("release");
  expect(readdirSync(directory)).toHaveLength(1);
});

test.skipIf(!canContain)("is held across containers, until its owner is killed", async () => {
  const first = contender({ wrapper: CONTAINED });
  expect(await first.said).toBe("got");
  const second = contender({ wrapper: CONTAINED });
  // Inside, both have the same small process id.
  expect(await second.said).toMatch(/^process \d{1,2} on /);
  await first.kill();
  await expect
    .poll(async () => "release" in (await acquireLock(directory, "lock")), { timeout: 10_000 })
    .toBe(true);
});

test("stays held while its owner is stopped", async () => {
  const owner = contender();
  expect(await owner.said).toBe("got");
  owner.child.kill("SIGSTOP");
  expect(await acquireLock(directory, "lock")).toHaveProperty("heldBy");
});

test("a file that is not a socket, as in a copy of the directory, holds nothing", async () => {
  writeFileSync(path.join(directory, "lock.01234567.sock"), "");
  expect(await acquireLock(directory, "lock")).toHaveProperty("release");
});

test("works in a directory whose path is too long for a socket", async () => {
  const deep = path.join(directory, "ü".repeat(100));
  mkdirSync(deep);
  const lock = await acquireLock(deep, "lock");
  expect(readdirSync(deep)).toHaveLength(1);
  expect(await contender({ place: deep }).said).toMatch(/^process/);
  if ("release" in lock) lock.release();
  expect(readdirSync(deep)).toEqual([]);
});

test("exactly one of several processes gets it at once, even after a killed owner", async () => {
  for (let round = 0; round < 3; round += 1) {
    const at = Date.now() + 2_000;
    const all = Array.from({ length: 5 }, () => contender({ at }));
    const said = await Promise.all(all.map((each) => each.said));
    expect(said.filter((word) => word === "got")).toHaveLength(1);
    await Promise.all(all.map((each) => each.kill()));
  }
});
