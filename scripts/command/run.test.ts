import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ROOT } from "./paths.mjs";

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs Node to its end, which the callback for its output may cause. */
function run(
  argv: string[],
  {
    env = {},
    onOutput = () => {},
  }: { env?: object; onOutput?: (child: ChildProcess) => void } = {},
) {
  const child = spawn(process.execPath, argv, { cwd: ROOT, env: { ...process.env, ...env } });
  const ended = { stdout: "", stderr: "" };
  child.stderr.on("data", (chunk) => {
    ended.stderr += chunk;
  });
  child.stdout.on("data", (chunk) => {
    ended.stdout += chunk;
    onOutput(child);
  });
  return new Promise<Ended>((resolve) => {
    child.once("close", (code) => resolve({ code, ...ended }));
  });
}

/** Redirects the system's temporary directory for a command. */
function temporaryDirectory() {
  const directory = mkdtempSync(path.join(tmpdir(), "saywhatwant-command-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return directory;
}

/** A command for this test. */
const command = (main: string) => [
  "--input-type=module",
  "--eval",
  `import { runCommand } from "${moduleAt("./run.mjs")}";
   import { scratchDirectory } from "${moduleAt("./scratch.mjs")}";
   runCommand(async () => { ${main} });`,
];
const moduleAt = (name: string) => new URL(name, import.meta.url);
const WORKING_ON = "await new Promise(() => setInterval(() => {}, 1_000));";

const { scripts }: { scripts: Record<string, string> } = JSON.parse(
  readFileSync(path.join(ROOT, "package.json"), "utf8"),
);
/** The commands that have their own script; `check` is `test` under another name. */
const COMMANDS = Object.entries(scripts).flatMap(([name, line]) => {
  const [, script] = /^exec node (\S+)$/.exec(line) ?? [];
  return script ? [{ name, script }] : [];
});

test.concurrent.each(COMMANDS)(
  "npm run $name --help prints its usage",
  async ({ name, script }) => {
    const { code, stdout, stderr } = await run([script, "--help"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(new RegExp(`^npm (run )?${name}\\b`));
  },
);

test.concurrent.each(COMMANDS)(
  "npm run $name refuses an unknown option in one line",
  async ({ name, script }) => {
    const { code, stdout, stderr } = await run([script, "--colour=red"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(
      new RegExp(`^[^\\n]*--colour[^\\n]*\\bSee npm (run )?${name} -- --help\\.\\n$`),
    );
  },
);

test.concurrent.each([
  ["sim/run/worlds", "--seed=x", "--seed must be a whole number over 0, not “x”."],
  ["sim/run/worlds", "--seeds=0.2", "--seeds must be a whole number over 0, not “0.2”."],
  ["sim/run/worlds", "--hours=1", "--hours must be over 20.00 for 300 worlds"],
  ["sim/run/worlds", "--ledger=paper", "--ledger must be kv or sqlite, not “paper”."],
  ["sim/run/mutants", "--only=nosuchbug", "No planted bug has “nosuchbug” in its name."],
  ["scripts/crash", "--times=0.5", "--times must be a whole number over 0, not “0.5”."],
  [
    "scripts/bot-trial",
    "--only=x",
    "--only must be any of round-trip, kills, restarts, personas, brains, not “x”.",
  ],
  ["scripts/migrate", "--to=paper", "--to must be sqlite: comments move only from KV to SQLite."],
  ["scripts/deploy", "--clear=", "--branch must name a branch."],
])("a refusal of %s %s names the argument", async (name, option, words) => {
  const { code, stdout, stderr } = await run([`${name}.mjs`, option]);
  expect(code).toBeGreaterThan(0);
  expect(stdout).toBe("");
  expect(stderr.startsWith(words)).toBe(true);
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
});

test.each([
  ["SIGTERM", 143],
  ["SIGINT", 130],
] as const)("%s ends the work and removes temporary files", async (signal, code) => {
  const TMPDIR = temporaryDirectory();
  const working = `console.log(scratchDirectory("test")); ${WORKING_ON}`;
  const ended = await run(command(working), {
    env: { TMPDIR },
    onOutput: (child) => child.kill(signal),
  });
  expect(ended.code).toBe(code);
  expect(ended.stdout).toContain(TMPDIR);
  expect(readdirSync(TMPDIR)).toEqual([]);
});

test("tokens are deleted from disk when the deploy is interrupted", async () => {
  const TMPDIR = temporaryDirectory();
  const deploying = `const { withSecretsFile } = await import("${moduleAt("../deploy/worker.mjs")}");
    await withSecretsFile({ ADMIN_TOKEN: "secret" }, async () => { console.log("deploying"); ${WORKING_ON} });`;
  let there: string[] = [];
  const { code } = await run(command(deploying), {
    env: { TMPDIR },
    onOutput(child) {
      there = readdirSync(TMPDIR);
      child.kill("SIGINT");
    },
  });
  expect(code).toBe(130);
  expect(there).toHaveLength(1);
  expect(readdirSync(TMPDIR)).toEqual([]);
});

test("a reader that closes early ends the command silently", async () => {
  const talking = `for (let n = 0; ; n += 1) { console.log("line", n); await new Promise(setImmediate); }`;
  const { code, stderr } = await run(command(talking), {
    onOutput: ({ stdout }) => stdout?.destroy(),
  });
  expect({ code, stderr }).toEqual({ code: 141, stderr: "" });
});

test("all output arrives, however slowly it is read", async () => {
  const { stdout } = await run(command(`process.stdout.write("x".repeat(1_000_000));`), {
    onOutput({ stdout: pipe }) {
      pipe?.pause();
      setTimeout(() => pipe?.resume(), 5);
    },
  });
  expect(stdout).toHaveLength(1_000_000);
});
