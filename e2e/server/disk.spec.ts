/** A wall on a full disk rejects messages, stays readable, and recovers by itself. */
import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, GIVEN, LONG, test } from "../fixtures";
import { BOT_TOKEN, type Stack, until } from "../stack";

test.skip(GIVEN, "of `npm start` on this machine");

/** A new wall's page and databases take about 5 MB. */
const DISK_SIZE = "30m";
const BLOCK_BYTES = 4_096;
const REFILL_MS = 50;
const WRITERS = 8;
const WRITER_PAUSE_MS = 60;
const READER_PAUSE_MS = 250;
const PATIENCE_MS = 60_000;
/** Rejected requests to wait for, so that more than one request runs into the full disk. */
const REFUSED_MIN = 40;
const ACCEPTED_MIN = 80;

test.describe.configure({ timeout: 300_000 });

/** A separate file system that the test can fill. */
class SmallDisk {
  readonly place: string;
  #filler: number | null = null;
  #timer: NodeJS.Timeout | null = null;

  /** Returns `null` if this user can't mount one. */
  static mount(place: string): SmallDisk | null {
    mkdirSync(place);
    const argv = ["-t", "tmpfs", "-o", `size=${DISK_SIZE}`, "tmpfs", place];
    return spawnSync("mount", argv).status === 0 ? new SmallDisk(place) : null;
  }

  private constructor(place: string) {
    this.place = place;
  }

  /** Takes every free block, also those freed later. */
  fill() {
    this.#filler = openSync(path.join(this.place, "filler"), "w");
    this.#timer = setInterval(() => this.#take(), REFILL_MS);
    this.#take();
  }

  #take() {
    try {
      for (;;) writeSync(this.#filler as number, Buffer.alloc(BLOCK_BYTES));
    } catch (error) {
      expect((error as NodeJS.ErrnoException).code).toBe("ENOSPC");
    }
  }

  empty() {
    if (this.#filler === null) return;
    clearInterval(this.#timer as NodeJS.Timeout);
    closeSync(this.#filler);
    this.#filler = null;
    rmSync(path.join(this.place, "filler"));
  }

  unmount() {
    this.empty();
    spawnSync("umount", [this.place]);
  }
}

/** People and bots that post with nonces until each message is acknowledged, and one reader. */
class Traffic {
  /** Texts of acknowledged messages, by nonce. */
  readonly acknowledged = new Map<string, string>();
  /**
   * Number of answers by method and result since the last `forget`, such as "POST 201" or "GET
   * 200".
   */
  answers = new Map<string, number>();
  #url: string;
  #ended = false;
  #work: Promise<void>[];

  constructor(url: string) {
    this.#url = url;
    this.#work = [
      ...Array.from({ length: WRITERS }, (_, index) => this.#write(index)),
      this.#read(),
    ];
  }

  count(answer: string) {
    return this.answers.get(answer) ?? 0;
  }

  forget() {
    this.answers = new Map();
  }

  async end() {
    this.#ended = true;
    await Promise.all(this.#work);
  }

  async #write(writer: number) {
    const type = writer % 4 === 0 ? "bot" : "human";
    for (let index = 0; !this.#ended; index += 1) {
      const nonce = `full-disk-${writer}-${index}`;
      const draft = { text: `${nonce} ${"x".repeat(300)}`, nonce, type };
      while (!this.#ended && !(await this.#post(draft))) await delay(WRITER_PAUSE_MS);
      await delay(WRITER_PAUSE_MS);
    }
  }

  async #post(draft: { nonce: string }): Promise<boolean> {
    const response = await this.#ask("POST", draft);
    if (response?.ok) this.acknowledged.set(draft.nonce, response.body.id);
    return response?.ok ?? false;
  }

  async #read() {
    while (!this.#ended) {
      await this.#ask("GET");
      await delay(READER_PAUSE_MS);
    }
  }

  async #ask(method: string, body?: object) {
    try {
      const response = await fetch(`${this.#url}/api/comments`, {
        method,
        headers: { "Content-Type": "application/json", Authorization: `Bearer ${BOT_TOKEN}` },
        ...(body && { body: JSON.stringify(body) }),
      });
      const answer = (await response.json()) as { id: string; code?: string };
      const again = response.headers.get("Retry-After") === null ? "" : ", again";
      this.#count([method, response.status, answer.code].filter(Boolean).join(" ") + again);
      return { ok: response.ok, body: answer };
    } catch (error) {
      this.#count(`${method} ${error}`);
      return null;
    }
  }

  #count(answer: string) {
    this.answers.set(answer, this.count(answer) + 1);
  }
}

const REFUSED = "POST 503 unavailable, again";

async function expectAllThere({ url }: Stack, acknowledged: Map<string, string>) {
  for (const [nonce, id] of acknowledged) {
    const response = await fetch(`${url}/api/comments/${id}`);
    expect(await response.json()).toMatchObject({ id, nonce });
  }
}

for (const LEDGER of ["kv", "sqlite"]) {
  for (const meanwhile of ["keeps running", "is killed"]) {
    test(
      `a full disk loses no messages on ${LEDGER}, and a Worker that ${meanwhile} recovers`,
      LONG,
      async ({ startStack, scratch }) => {
        const disk = SmallDisk.mount(path.join(scratch, "disk"));
        test.skip(!disk, "needs the right to mount a small file system");
        if (!disk) return;
        let stack: Stack | null = null;
        let traffic: Traffic | null = null;
        try {
          stack = await startStack({ stateDir: path.join(disk.place, "state"), env: { LEDGER } });
          const groups = stack.groups();
          const { url } = stack;
          const load = new Traffic(url);
          traffic = load;
          await until("messages", PATIENCE_MS, () => load.count("POST 201") >= ACCEPTED_MIN);

          disk.fill();
          await until("a refusal", PATIENCE_MS, () => load.count(REFUSED) >= WRITERS);
          load.forget();
          if (meanwhile === "is killed") process.kill(-(groups[0] as number), "SIGKILL");
          await until("refusals", PATIENCE_MS, () => load.count(REFUSED) >= REFUSED_MIN);
          // A log or database may have freed a block, so a message may still fit.
          const expected =
            meanwhile === "keeps running"
              ? /^(POST 20[01]|GET 200)$/
              : /^(POST 20[01]|GET 200|GET 503 .*)$/;
          const others = [...load.answers.keys()].filter((a) => a !== REFUSED && !expected.test(a));
          expect(others).toEqual([]);
          if (meanwhile === "keeps running") expect(load.count("GET 200")).toBeGreaterThan(0);

          disk.empty();
          load.forget();
          await until("messages", PATIENCE_MS, () => load.count("POST 201") >= ACCEPTED_MIN);
          await traffic.end();
          if (meanwhile === "keeps running") expect(stack.groups()).toEqual(groups);
          await until(
            "a good status",
            PATIENCE_MS,
            async () => (await fetch(`${url}/api/status`)).ok,
          );
          await expectAllThere(stack, load.acknowledged);
          expect(await stack.stop()).toBe(0);
        } finally {
          await traffic?.end();
          await stack?.stop();
          disk.unmount();
        }
      },
    );
  }
}
