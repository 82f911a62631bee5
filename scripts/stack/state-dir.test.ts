import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

/** A claim takes a fraction of a second; one that never returned would hang the test run. */
const DEADLINE_MS = 15_000;

let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(path.join(tmpdir(), "saywhatwant-state-"));
});
afterEach(() => rmSync(scratch, { recursive: true }));

/** A command that only claims the directory. */
function claim(stateDir: string) {
  const module = (name: string) => JSON.stringify(new URL(name, import.meta.url));
  const code = `import { runCommand } from ${module("../command/run.mjs")};
    import { claimStateDir } from ${module("./state-dir.mjs")};
    runCommand(() => claimStateDir(${JSON.stringify(stateDir)}));`;
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", code], {
    timeout: DEADLINE_MS,
    // A process in an endless loop handles no other signal.
    killSignal: "SIGKILL",
    encoding: "utf8",
  });
  return { status, stderr };
}

const modeOf = (directory: string) => statSync(directory).mode & 0o777;

test("a new state directory is private to its owner; its parents get the usual permissions", () => {
  const stateDir = path.join(scratch, "a b", "ü");
  expect(claim(stateDir)).toEqual({ status: 0, stderr: "" });
  expect(modeOf(stateDir)).toBe(0o700);
  expect(modeOf(path.dirname(stateDir))).toBe(0o777 & ~process.umask());
});

test("an existing directory that others could read becomes private", () => {
  chmodSync(scratch, 0o755);
  expect(claim(scratch)).toEqual({ status: 0, stderr: "" });
  expect(modeOf(scratch)).toBe(0o700);
});

test.each([
  ["is a file", () => writeFileSync(path.join(scratch, "state"), "")],
  ["lies under a file", () => writeFileSync(path.join(scratch, "below"), ""), "below/state"],
  ["all users share", () => shared(path.join(scratch, "state"))],
])("one that %s is refused in one line", (_, make, place = "state") => {
  make();
  const { status, stderr } = claim(path.join(scratch, place));
  expect(status).toBe(1);
  expect(stderr).toMatch(/^STATE_DIR can't be used: [^\n]+ Set it to a writable directory\.\n$/);
});

test.skipIf(process.platform !== "linux")(
  "a directory that can't be created is refused in one line",
  () => {
    const { status, stderr } = claim("/proc/nope/state");
    expect(status).toBe(1);
    expect(stderr).toMatch(/^STATE_DIR can't be used: ENOENT[^\n]+\n$/);
  },
);

/** Like /tmp. */
function shared(directory: string) {
  mkdirSync(directory);
  chmodSync(directory, 0o1777);
  writeFileSync(path.join(directory, "another's"), "");
}
