/** A whole wall of a test's own, for what can't be tried on the one that all share: ends, restarts, reloads. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { CHECKOUT } from "./checkout";

const READY_LINE = /^ready (\S+)$/m;
const START_DEADLINE_MS = 150_000;
const POLL_MS = 50;
/** Wrangler's words for it. */
const RELOADED = "Local server updated and ready";

/** The same as the shared wall's: a page that a test opens sends it to whichever wall it is of. */
export const BOT_TOKEN = process.env.BOT_TOKEN ?? "";
export const ADMIN_TOKEN = process.env.ADMIN_TOKEN ?? "";

export interface StackOptions {
  /** Any free one by default. */
  port?: number;
  /** A new one by default, removed at the end. */
  stateDir?: string;
  /** A value of `undefined` unsets a variable. */
  env?: Record<string, string | undefined>;
  /** Another checkout than this one. */
  checkout?: string;
  /** As a person starts it; without npm it is quicker. */
  viaNpm?: boolean;
}

interface RunningService {
  pid: number | null;
  address: { host: string; port: number } | null;
}

/** `npm start` as a child, from its first line to its last. */
export class StartProcess {
  readonly stateDir: string;
  readonly exit: Promise<number>;
  #output = "";
  #exitCode: number | null = null;
  #child: ChildProcess;
  #ownStateDir: boolean;

  constructor(options: StackOptions = {}) {
    const { port = 0, stateDir, env = {}, checkout = CHECKOUT, viaNpm = false } = options;
    this.#ownStateDir = stateDir === undefined;
    this.stateDir = stateDir ?? mkdtempSync(path.join(tmpdir(), "saywhatwant-e2e-"));
    const [command, ...argv] = viaNpm ? ["npm", "start"] : [process.execPath, "scripts/start.mjs"];
    this.#child = spawn(command as string, argv, {
      cwd: checkout,
      env: {
        ...process.env,
        HOST: "127.0.0.1",
        PORT: String(port),
        STATE_DIR: this.stateDir,
        BOT_TOKEN,
        ADMIN_TOKEN,
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const keep = (chunk: Buffer) => {
      this.#output += chunk.toString();
    };
    this.#child.stdout?.on("data", keep);
    this.#child.stderr?.on("data", keep);
    this.exit = new Promise((resolve) => {
      this.#child.once("close", (code) => {
        this.#exitCode = code ?? 128;
        resolve(this.#exitCode);
      });
    });
  }

  get pid() {
    return this.#child.pid;
  }

  /** Everything it has printed so far. */
  get output() {
    return this.#output;
  }

  /** Waits for a line; fails with all output when the process ends before. */
  async printed(line: RegExp): Promise<RegExpExecArray> {
    return until(`a line like ${line}`, START_DEADLINE_MS, () => {
      const found = line.exec(this.#output);
      if (!found && this.#exitCode !== null) {
        throw new Error(`npm start ended with ${this.#exitCode}:\n${this.#output}`);
      }
      return found;
    });
  }

  signal(signal: NodeJS.Signals) {
    this.#child.kill(signal);
  }

  async end(signal: NodeJS.Signals): Promise<number> {
    if (this.#exitCode === null) this.signal(signal);
    return this.exit;
  }

  forgetState() {
    if (this.#ownStateDir) rmSync(this.stateDir, { recursive: true, force: true });
  }
}

/** A wall that serves. */
export class Stack {
  readonly url: string;
  readonly botToken = BOT_TOKEN;
  readonly adminToken = ADMIN_TOKEN;
  readonly process: StartProcess;

  constructor(start: StartProcess, url: string) {
    this.process = start;
    this.url = url;
  }

  get stateDir() {
    return this.process.stateDir;
  }

  /** As Ctrl-C would; resolves to the exit code. */
  stop(): Promise<number> {
    return this.process.end("SIGTERM");
  }

  /** As a power cut would. */
  kill(): Promise<number> {
    return this.process.end("SIGKILL");
  }

  /** The process groups it runs, by their ids. */
  groups(): number[] {
    const pids = [this.#service("worker")?.pid, this.#service("page")?.pid];
    return pids.filter((pid) => typeof pid === "number");
  }

  /** Kills the Worker's process; resolves once the one that takes its place serves. */
  async restartWorker(): Promise<void> {
    const before = this.#service("worker");
    if (before?.pid) process.kill(-before.pid, "SIGKILL");
    await until("the Worker's return", START_DEADLINE_MS, () => {
      const now = this.#service("worker");
      return now?.address && now.pid !== before?.pid ? now : null;
    });
  }

  /** Reloads the Worker's code, as an edit would; every wall that runs from this checkout reloads. */
  async reloadWorker(): Promise<void> {
    const reloads = () => this.#workerLog().split(RELOADED).length;
    const before = reloads();
    const source = path.join(CHECKOUT, "worker", "index.ts");
    // Back, not forth: of a file younger than 3 s esbuild's watcher compares the content instead of the time.
    const earlier = new Date(statSync(source).mtimeMs - 1_000);
    utimesSync(source, earlier, earlier);
    await until("the Worker's reload", START_DEADLINE_MS, () => reloads() > before);
  }

  /** Fires the Worker's cron now. */
  async fireCron(): Promise<void> {
    const address = this.#service("worker")?.address;
    if (!address) throw new Error("The Worker does not serve now.");
    const url = `http://${address.host}:${address.port}/cdn-cgi/handler/scheduled`;
    const response = await fetch(url);
    if (!response.ok) throw new Error(`The cron's run failed: ${response.status}`);
  }

  /** The Worker's log lines, parsed; others that wrangler prints are left out. */
  logs(): Record<string, unknown>[] {
    return this.#workerLog()
      .split("\n")
      .flatMap((line) => {
        if (!line.startsWith("{")) return [];
        try {
          return [JSON.parse(line)];
        } catch {
          // The last line may still be being written.
          return [];
        }
      });
  }

  #workerLog() {
    return readFileSync(path.join(this.stateDir, "logs", "worker.log"), "utf8");
  }

  #service(name: "worker" | "page"): RunningService | undefined {
    try {
      return JSON.parse(readFileSync(path.join(this.stateDir, "stack.json"), "utf8"))[name];
    } catch {
      // Being rewritten at this moment.
      return undefined;
    }
  }
}

/** Starts a wall; who calls it stops it. In a test use the `startStack` fixture, which does so itself. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const start = new StartProcess(options);
  try {
    const [, url = ""] = await start.printed(READY_LINE);
    return new Stack(start, url);
  } catch (error) {
    await start.end("SIGTERM");
    throw error;
  }
}

/** Polls until there is something; waits for a condition, never for a duration. */
export async function until<T>(
  what: string,
  patienceMs: number,
  look: () => T | null | undefined | false | Promise<T | null | undefined | false>,
): Promise<T> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`Waited ${patienceMs / 1000} s for ${what}.`);
    await delay(POLL_MS);
  }
}
