/** The deploy, the doctor and the rollback as their operator runs them: with the stand-in for Cloudflare, in a terminal and in CI. */
import { execFileSync, spawn } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { ROOT } from "../command/paths.mjs";
import { EMPTY, type State } from "./stand-in/network.mjs";
import { wallOfBranch } from "./target.mjs";

const TOKENS = { BOT_TOKEN: "b".repeat(32), ADMIN_TOKEN: "a".repeat(32) };
const COPIED = ["scripts", "schema/security-headers.mjs", "worker/wrangler.toml", "wrangler.toml"];
COPIED.push("package.json", "package-lock.json", ".gitignore");
const QUESTION = "LEDGER [sqlite]: ";
const URL = "https://saywhatwant.pages.dev";
/** The slowest test runs five commands, each of which calls the stand-in about ten times. */
const TIMEOUT_MS = 60_000;

/** A checkout whose page is built already, so that no test builds one. */
function checkout() {
  const root = mkdtempSync(path.join(tmpdir(), "saywhatwant-checkout-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const name of COPIED)
    cpSync(path.join(ROOT, name), path.join(root, name), { recursive: true });
  symlinkSync(path.join(ROOT, "node_modules"), path.join(root, "node_modules"));
  const git = (...argv: string[]) =>
    execFileSync("git", ["-c", "user.name=me", "-c", "user.email=me@example.com", ...argv], {
      cwd: root,
      encoding: "utf8",
    }).trim();
  git("init", "--quiet");
  appendFileSync(path.join(root, ".git", "info", "exclude"), "node_modules\n");
  const stateFile = path.join(root, ".state", "stand-in.json");
  mkdirSync(path.dirname(stateFile));
  const read = (): State => JSON.parse(readFileSync(stateFile, "utf8"));
  const update = (change: Partial<State>) =>
    writeFileSync(stateFile, JSON.stringify({ ...read(), ...change }));
  writeFileSync(stateFile, JSON.stringify(EMPTY));

  const environment = (given: Record<string, string>) => {
    const { PATH, HOME, TMPDIR } = process.env;
    const base = { PATH, HOME, ...(TMPDIR && { TMPDIR }) };
    return { ...base, STAND_IN_CLOUDFLARE: stateFile, ...given } as unknown as NodeJS.ProcessEnv;
  };
  const argvOf = (argv: string[]) => [path.join(root, "scripts/deploy/stand-in/run.mjs"), ...argv];
  return {
    root,
    read,
    update,
    calls() {
      const { calls } = read();
      update({ calls: [] });
      return calls.join("\n");
    },
    /** Commits a change, and returns the version that it has. */
    commit(text: string) {
      writeFileSync(path.join(root, "change"), text);
      git("add", "--all");
      git("commit", "--quiet", `--message=${text}`);
      return git("rev-parse", "--short=12", "HEAD");
    },
    /** Puts a page where a build of the current sources for this wall would. */
    build(wall: string, content: string) {
      const output = path.join(root, ".vercel/output/static");
      mkdirSync(path.join(output, "_next/static/build"), { recursive: true });
      writeFileSync(path.join(output, "_next/static/build/_buildManifest.js"), content);
      const script = `import { fingerprint } from "./scripts/page/fingerprint.mjs";
        process.stdout.write(await fingerprint({ WALL: "${wall}", ALLOWED_ORIGINS: "" }));`;
      const stamp = execFileSync(process.execPath, ["--input-type=module", "--eval", script], {
        cwd: root,
      });
      writeFileSync(path.join(root, ".vercel/built-from"), stamp);
    },
    /** Without a terminal, as CI runs it. */
    inCI: (argv: string[], env: Record<string, string> = {}) =>
      ended(
        spawn(process.execPath, argvOf(argv), {
          env: environment({ CI: "true", ...env }),
          stdio: ["ignore", "pipe", "pipe"],
        }),
      ),
    /** In a terminal, where each prompt gets the next of these inputs. */
    inTerminal(
      argv: string[],
      inputs: string[] = [],
      env: Record<string, string> = {},
      prompt = QUESTION,
    ) {
      const command = [process.execPath, ...argvOf(argv)].map((word) => `'${word}'`).join(" ");
      const child = spawn("script", ["-q", "-e", "-c", command, "/dev/null"], {
        env: environment({ TERM: "xterm", ...env }),
        stdio: ["pipe", "pipe", "pipe"],
      });
      let asked = 0;
      let text = "";
      child.stdout.on("data", (chunk) => {
        text += chunk;
        const questions = text.split(prompt).length - 1;
        for (; asked < questions; asked += 1) child.stdin.write(inputs[asked] ?? "");
      });
      return ended(child);
    },
  };
}

/** Its exit code, and its lines with neither times nor colours. */
async function ended(child: ReturnType<typeof spawn>) {
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk) => {
      output += chunk;
    });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  const text = stripVTControlCharacters(output).replaceAll("\r", "");
  const lines = text.split("\n").map((line) => line.trim().replace(/ in [\d.]+ s$/, ""));
  return { code, lines: lines.filter(Boolean), text };
}

const DOCTOR_LINES = ["page", "API", "freshness", "health", "post", "removal", "live channel"];
DOCTOR_LINES.push("spare", "cron", "object", "backup");
const examined = (lines: string[]) =>
  lines.flatMap((line) => /^ok +([^:]+):/.exec(line)?.[1] ?? []);

describe.skipIf(process.platform !== "linux")("in a terminal", () => {
  test(
    "a first deploy asks for the ledger, a second does not, and a preview, a rollback and the doctor follow",
    async () => {
      const wall = checkout();
      const one = wall.commit("one");
      wall.build("main", "page one");
      const first = await wall.inTerminal(["deploy"], ["sqllite\n", "\n"], TOKENS);
      expect(first).toMatchObject({ code: 0 });
      expect(first.text).toContain("1,000 messages a minute");
      expect(first.text).toContain("“sqllite” is none of kv, sqlite.");
      expect(examined(first.lines)).toEqual(DOCTOR_LINES);
      expect(first.lines.at(-1)).toBe(`live ${URL} version ${one}`);
      expect(readFileSync(path.join(wall.root, "deploy.env"), "utf8")).toBe("LEDGER=sqlite\n");
      expect(wall.calls()).toMatch(/^deploy .* --var=LEDGER:sqlite --secrets-file=…$/m);

      const two = wall.commit("two");
      wall.build("main", "page two");
      const second = await wall.inTerminal(["deploy"]);
      expect(second).toMatchObject({ code: 0 });
      expect(second.text).not.toContain(QUESTION);
      expect(second.lines.at(-1)).toBe(`live ${URL} version ${two}`);
      expect(wall.calls()).not.toContain("--secrets-file");

      wall.build(wallOfBranch("trial"), "page of the trial");
      const preview = await wall.inTerminal(["deploy", "--branch", "trial"], [], TOKENS);
      expect(preview).toMatchObject({ code: 0 });
      const trial = `https://${wallOfBranch("trial")}.saywhatwant.pages.dev`;
      expect(preview.lines.at(-1)).toBe(`live ${trial} version ${two}`);
      expect(preview.text).toContain("cron: previews have none");
      expect(wall.calls()).toMatch(/^deploy --config=worker\/wrangler\.toml --env=preview /m);

      const back = await wall.inTerminal(["rollback"]);
      expect(back).toMatchObject({ code: 0 });
      expect(back.lines.at(-1)).toBe(`live ${URL} version ${one}, back from ${two}`);

      const doctor = await wall.inTerminal(["doctor", "--url", URL]);
      expect(doctor).toMatchObject({ code: 0 });
      expect(doctor.text).toContain(`the wall “main” on sqlite, version ${one}`);
      expect(doctor.lines.at(-1)).toBe("the wall is well");
    },
    TIMEOUT_MS,
  );

  test.each([
    ["Ctrl-C", "\u0003", 130],
    ["Ctrl-D", "\u0004", 1],
  ])(
    "%s at the question ends the deploy as a failure, and sends nothing",
    async (_name, key, code) => {
      const wall = checkout();
      wall.commit("one");
      const ended = await wall.inTerminal(["deploy"], [key], TOKENS);
      expect(ended).toMatchObject({ code });
      if (code === 1) expect(ended.lines.at(-1)).toMatch(/^No ledger was chosen: nothing was sent/);
      expect(wall.calls()).not.toMatch(/^(deploy|pages deploy) /m);
      expect(existsSync(path.join(wall.root, "deploy.env"))).toBe(false);
    },
    TIMEOUT_MS,
  );
});

test.skipIf(process.platform !== "linux")(
  "Ctrl-C while the Worker is sent leaves no token and no configuration behind, and the next run finishes",
  async () => {
    const wall = checkout();
    const one = wall.commit("one");
    wall.build("main", "page one");
    const temporary = path.join(wall.root, ".state", "tmp");
    mkdirSync(temporary);
    const env = { ...TOKENS, LEDGER: "kv", BACKUP_BUCKET: "wall-backups", TMPDIR: temporary };
    wall.update({ hanging: ["deploy"] });
    const sending = "deploying the Worker saywhatwant-worker …";
    const stopped = await wall.inTerminal(["deploy"], ["\u0003"], env, sending);
    expect(stopped).toMatchObject({ code: 130 });
    expect(readdirSync(temporary)).toEqual([]);
    expect(readdirSync(path.join(wall.root, "worker"))).not.toContainEqual(
      expect.stringContaining("deploy"),
    );

    wall.update({ hanging: [] });
    const finished = await wall.inCI(["deploy"], env);
    expect(finished.lines.at(-1)).toBe(`live ${URL} version ${one}`);
  },
  TIMEOUT_MS,
);

describe("in CI", () => {
  test(
    "a first deploy without LEDGER is refused; with it, and a network that fails halfway, the second run finishes",
    async () => {
      const wall = checkout();
      const one = wall.commit("one");
      wall.build("main", "page one");
      const refused = await wall.inCI(["deploy"], TOKENS);
      expect(refused).toMatchObject({ code: 1 });
      expect(refused.lines).toEqual([expect.stringMatching(/^Set LEDGER for the first deploy/)]);
      expect(wall.calls()).not.toMatch(/^(deploy|pages deploy) /m);

      const env = { ...TOKENS, LEDGER: "kv" };
      wall.update({ failing: { "pages deploy ": "✘ [ERROR] fetch failed" } });
      const halfway = await wall.inCI(["deploy"], env);
      expect(halfway).toMatchObject({ code: 1 });
      expect(halfway.lines.slice(-2)).toEqual([
        "deploying the page saywhatwant …",
        expect.stringMatching(/^Cloudflare can't be reached\. .* run the same command again/),
      ]);

      wall.update({ failing: {}, late: ["getaddrinfo ENOTFOUND saywhatwant.pages.dev"] });
      const finished = await wall.inCI(["deploy"], env);
      expect(finished).toMatchObject({ code: 0 });
      expect(finished.text).toContain("not yet: it does not answer (getaddrinfo ENOTFOUND");
      expect(examined(finished.lines)).toEqual(DOCTOR_LINES);
      expect(finished.lines.at(-1)).toBe(`live ${URL} version ${one}`);
      expect(existsSync(path.join(wall.root, "deploy.env"))).toBe(false);
      expect(wall.read().namespaces).toHaveLength(1);
    },
    TIMEOUT_MS,
  );

  test(
    "a wall on which nobody can post fails the deploy at its end, and the doctor",
    async () => {
      const wall = checkout();
      const one = wall.commit("one");
      wall.build("main", "page one");
      wall.update({ broken: { "POST /api/comments": 500 } });
      const deployed = await wall.inCI(["deploy"], { ...TOKENS, LEDGER: "sqlite" });
      expect(deployed).toMatchObject({ code: 1 });
      expect(deployed.lines.filter((line) => line.startsWith("BAD"))).toEqual([
        expect.stringMatching(/^BAD post: \/api\/comments answers 500 without JSON/),
        "BAD removal: not tried, because nothing could be posted",
      ]);
      expect(deployed.lines.slice(-2)).toEqual([
        `2 checks failed; \`npm run doctor -- --url ${URL}\` repeats them`,
        `live ${URL} version ${one}`,
      ]);
      const doctor = await wall.inCI(["doctor", "--url", URL]);
      expect(doctor).toMatchObject({ code: 1 });
      expect(doctor.lines.at(-1)).toBe("2 of 11 checks failed");
    },
    TIMEOUT_MS,
  );

  test("a wrong token ends each command with one line and 1", async () => {
    const wall = checkout();
    wall.commit("one");
    wall.update({ failing: { whoami: "Authentication error [code: 10000]" } });
    for (const command of ["deploy", "rollback"]) {
      const { code, lines } = await wall.inCI([command], { ...TOKENS, LEDGER: "kv" });
      expect(code).toBe(1);
      expect(lines).toEqual([expect.stringMatching(/^Cloudflare refused the login: /)]);
    }
  });
});
