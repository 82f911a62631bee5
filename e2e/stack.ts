/** A separate wall for tests of shutdown, restart and reload, which can't run on the shared one. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { CHECKOUT } from "./checkout";

const READY_LINE = /^ready (\S+)$/m;
const START_DEADLINE_MS = 150_000;
const POLL_MS = 50;
/** Wrangler's message after a reload. */
const RELOADED = "Local server updated and ready";

/** The same token as the shared wall's: a page opened by a test sends it to either wall. */
export const BOT_TOKEN = process.env.BOT_TOKEN ?? "";
export const ADMIN_TOKEN = process.env.ADMIN_TOKEN ?? "";

export interface StackOptions {
  /** Any free port by default. */
  port?: number;
  /** A new directory by default, deleted at the end. */
  stateDir?: string;
  /** `undefined` unsets a variable. */
  env?: Record<string, string | undefined>;
  /** Path of another checkout to run. */
  checkout?: string;
  /** Starts through npm, as a person does; without npm it is faster. */
  viaNpm?: boolean;
}

interface RunningService {
  pid: number | null;
  address: { host: string; port: number } | null;
}

/** `npm start` as a child process. */
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

  /** All output so far. */
  get output() {
    return this.#output;
  }

  /** Waits for a line; fails with all output if the process ends first. */
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

/** A running wall. */
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

  /** Stops the wall as Ctrl-C does; resolves to the exit code. */
  stop(): Promise<number> {
    return this.process.end("SIGTERM");
  }

  /** Kills the wall as a power cut would. */
  kill(): Promise<number> {
    return this.process.end("SIGKILL");
  }

  /** Ids of its process groups. */
  groups(): number[] {
    const pids = [this.#service("worker")?.pid, this.#service("page")?.pid];
    return pids.filter((pid) => typeof pid === "number");
  }

  /** Kills the Worker's process; resolves once its replacement serves requests. */
  async restartWorker(): Promise<void> {
    const before = this.#service("worker");
    if (before?.pid) process.kill(-before.pid, "SIGKILL");
    await until("the Worker's return", START_DEADLINE_MS, () => {
      const now = this.#service("worker");
      return now?.address && now.pid !== before?.pid ? now : null;
    });
  }

  /** Reloads the Worker's code as an edit would; every wall running from this checkout reloads. */
  async reloadWorker(): Promise<void> {
    const reloads = () => this.#workerLog().split(RELOADED).length;
    const before = reloads();
    const source = path.join(CHECKOUT, "worker", "index.ts");
    // Moves the time backwards: for files younger than 3 s, esbuild's watcher compares contents
    // instead of times.
    const earlier = new Date(statSync(source).mtimeMs - 1_000);
    utimesSync(source, earlier, earlier);
    await until("the Worker's reload", START_DEADLINE_MS, () => reloads() > before);
  }

  /** Runs the Worker's cron handler now. */
  async fireCron(): Promise<void> {
    const address = this.#service("worker")?.address;
    if (!address) throw new Error("The Worker is not running.");
    const url = `http://${address.host}:${address.port}/cdn-cgi/handler/scheduled`;
    const response = await fetch(url);
    if (!response.ok) throw new Error(`The cron run failed: ${response.status}`);
  }

  /** The Worker's log lines, parsed, without wrangler's other output. */
  logs(): Record<string, unknown>[] {
    return this.#workerLog()
      .split("\n")
      .flatMap((line) => {
        if (!line.startsWith("{")) return [];
        try {
          return [JSON.parse(line)];
        } catch {
          // The last line may be incomplete.
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
      // The file is being rewritten.
      return undefined;
    }
  }
}

/** Starts a wall; the caller must stop it. Tests use the `startStack` fixture, which does so. */
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

/** Polls until the function returns a value. Tests wait for conditions, never durations. */
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
