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

/** Runs Node to its end, which whoever is told of its output may bring about. */
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

/** What the system's temporary directory is to a command. */
function temporaryDirectory() {
  const directory = mkdtempSync(path.join(tmpdir(), "saywhatwant-command-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return directory;
}

/** A command of one's own. */
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
/** Those that are a script of this project's own; `check` is `test` by another name. */
const COMMANDS = Object.entries(scripts).flatMap(([name, line]) => {
  const [, script] = /^exec node (\S+)$/.exec(line) ?? [];
  return script ? [{ name, script }] : [];
});

test.concurrent.each(COMMANDS)("npm run $name tells how it is used", async ({ name, script }) => {
  const { code, stdout, stderr } = await run([script, "--help"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(new RegExp(`^npm (run )?${name}\\b`));
});

test.concurrent.each(COMMANDS)(
  "npm run $name refuses in one line what it does not know",
  async ({ name, script }) => {
    const { code, stdout, stderr } = await run([script, "--colour=red"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(
      new RegExp(`^[^\\n]*--colour[^\\n]*\\bSee npm (run )?${name} -- --help\\.\\n$`),
    );
  },
);

test.concurrent.each([
  ["sim", "--seed=x", "--seed must be a whole number over 0, not “x”."],
  ["sim", "--seeds=0.2", "--seeds must be a whole number over 0, not “0.2”."],
  ["sim", "--hours=1", "--hours must be over 20.00 for 300 worlds"],
  ["sim", "--ledger=paper", "--ledger must be kv or sqlite, not “paper”."],
  ["sim-mutants", "--only=nosuchbug", "--only “nosuchbug” is in the name of no planted bug."],
  ["crash", "--times=0.5", "--times must be a whole number over 0, not “0.5”."],
  ["bot-trial", "--only=x", "--only must be of round-trip, kills, restarts, brains, not “x”."],
  ["migrate", "--to=paper", "--to must be sqlite: comments move that way only."],
  ["deploy", "--clear=", "--branch must name a branch."],
])("%s %s is refused by name", async (name, option, words) => {
  const { code, stdout, stderr } = await run([`scripts/${name}.mjs`, option]);
  expect(code).toBeGreaterThan(0);
  expect(stdout).toBe("");
  expect(stderr.startsWith(words)).toBe(true);
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
});

test.each([
  ["SIGTERM", 143],
  ["SIGINT", 130],
] as const)(
  "%s ends what works, and nothing stays that was to be thrown away",
  async (signal, code) => {
    const TMPDIR = temporaryDirectory();
    const working = `console.log(scratchDirectory("test")); ${WORKING_ON}`;
    const ended = await run(command(working), {
      env: { TMPDIR },
      onOutput: (child) => child.kill(signal),
    });
    expect(ended.code).toBe(code);
    expect(ended.stdout).toContain(TMPDIR);
    expect(readdirSync(TMPDIR)).toEqual([]);
  },
);

test("tokens on their way to Cloudflare are gone when the deploy is interrupted", async () => {
  const TMPDIR = temporaryDirectory();
  const deploying = `const { withSecretsFile } = await import("${moduleAt("../deploy/secrets.mjs")}");
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

test("a reader that has seen enough ends the command without a word", async () => {
  const talking = `for (let n = 0; ; n += 1) { console.log("line", n); await new Promise(setImmediate); }`;
  const { code, stderr } = await run(command(talking), {
    onOutput: ({ stdout }) => stdout?.destroy(),
  });
  expect({ code, stderr }).toEqual({ code: 141, stderr: "" });
});

test("all that was said arrives, however slowly it is read", async () => {
  const { stdout } = await run(command(`process.stdout.write("x".repeat(1_000_000));`), {
    onOutput({ stdout: pipe }) {
      pipe?.pause();
      setTimeout(() => pipe?.resume(), 5);
    },
  });
  expect(stdout).toHaveLength(1_000_000);
});
