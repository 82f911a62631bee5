/** `npm start`: output, stored state, rejected configuration and cleanup. */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { copyCheckout } from "../checkout";
import { expect, GIVEN, LONG, test } from "../fixtures";
import { groupRuns } from "../process-groups";
import { ADMIN_TOKEN, BOT_TOKEN, type Stack, StartProcess, until } from "../stack";

test.skip(GIVEN, "of `npm start` on this machine");

const END_PATIENCE_MS = 10_000;
const WRONG_TOKEN = "wrong-token-0123456789abcdef";

test.describe.configure({ timeout: 120_000 });

async function post(stack: Pick<Stack, "url">, text: string): Promise<string> {
  const response = await fetch(`${stack.url}/api/comments`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ text }),
  });
  expect(response.status).toBe(201);
  const { id } = (await response.json()) as { id: string };
  return id;
}

async function mark(stack: Stack, id: string, token: string): Promise<number> {
  const response = await fetch(`${stack.url}/api/comments/${id}`, {
    method: "PATCH",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
    body: JSON.stringify({ botParams: { processed: true } }),
  });
  return response.status;
}

/** The lines with generated tokens. */
function tokenLines(stack: Stack): string[] {
  return stack.process.output.split("\n").filter((line) => line.includes("_TOKEN="));
}

function filesWith(directory: string, words: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(directory, entry.name);
    if (entry.isDirectory()) return filesWith(file, words);
    return entry.isFile() && readFileSync(file).includes(words) ? [file] : [];
  });
}

/** Files that other users could read if the directory were open. */
function openToOthers(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const place = path.join(directory, entry.name);
    const own = statSync(place).mode & 0o077 ? [place] : [];
    return entry.isDirectory() ? [...own, ...openToOthers(place)] : own;
  });
}

async function findStatus(stack: Pick<Stack, "url">, id: string): Promise<number> {
  return (await fetch(`${stack.url}/api/comments/${id}`)).status;
}

async function ended(groups: number[]) {
  await until("the end of all processes", END_PATIENCE_MS, () => !groups.some(groupRuns));
}

test(
  "prints one ready line, exits with 0, keeps its state, and leaves no process, for any path",
  LONG,
  async ({ startStack, scratch }) => {
    const checkout = await copyCheckout(path.join(scratch, "a b"), { built: true });
    const stateDir = path.join(scratch, "state dir");
    const first = await startStack({ checkout, stateDir, viaNpm: true });
    expect(first.process.output.match(/^ready /gm)).toHaveLength(1);
    expect(first.process.output).toContain(
      `messages in ${process.env.LEDGER ?? "kv"}; docs/ledgers.md`,
    );
    expect(first.process.output).not.toContain(BOT_TOKEN);
    const id = await post(first, "kept");
    for (const token of [BOT_TOKEN, ADMIN_TOKEN, WRONG_TOKEN]) await mark(first, id, token);
    const groups = first.groups();
    expect(groups).toHaveLength(2);
    expect(await first.stop()).toBe(0);
    expect(readdirSync(stateDir)).not.toContain("stack.json");
    // Tokens must not be in logs, stored state or pages, only where the Worker reads them.
    for (const token of [BOT_TOKEN, ADMIN_TOKEN]) {
      expect(filesWith(stateDir, token)).toEqual([path.join(stateDir, "worker.env")]);
    }
    expect(filesWith(stateDir, WRONG_TOKEN)).toEqual([]);
    await ended(groups);
    expect(statSync(stateDir).mode & 0o777).toBe(0o700);
    // Every visitor gets the built page.
    const page = path.join(stateDir, "page");
    expect(openToOthers(stateDir).filter((place) => !`${place}/`.startsWith(`${page}/`))).toEqual(
      [],
    );

    const second = await startStack({ stateDir, env: { BOT_TOKEN: undefined, ADMIN_TOKEN: "" } });
    expect(await findStatus(second, id)).toBe(200);
    const generated = tokenLines(second);
    expect(generated).toEqual([
      expect.stringMatching(/^ {2}BOT_TOKEN=[0-9a-f]{64} /),
      expect.stringMatching(/^ {2}ADMIN_TOKEN=[0-9a-f]{64} /),
    ]);
    expect(statSync(path.join(stateDir, "tokens.json")).mode & 0o777).toBe(0o600);
    expect(await second.stop()).toBe(0);

    const third = await startStack({ stateDir, env: { BOT_TOKEN: undefined, ADMIN_TOKEN: "" } });
    expect(tokenLines(third)).toEqual(generated);
    const [, botToken = ""] = /BOT_TOKEN=(\S+)/.exec(generated[0] ?? "") ?? [];
    expect(await mark(third, id, botToken)).toBe(200);
  },
);

test("an invalid file of tokens is refused in one sentence", async ({ scratch }) => {
  const file = path.join(scratch, "tokens.json");
  writeFileSync(file, '{"BOT_TOKEN":');
  const start = new StartProcess({ stateDir: scratch, env: { BOT_TOKEN: "" } });
  expect(await start.exit).toBe(1);
  expect(start.output).toBe(
    `${file} is no valid list of tokens. Delete it to have new tokens made.\n`,
  );
});

test(
  "a second start beside the first is a separate wall; with the same STATE_DIR it is rejected",
  LONG,
  async ({ startStack, baseURL }) => {
    const first = { url: baseURL ?? "" };
    const second = await startStack();
    const id = await post(second, "only here");
    expect(await findStatus(second, id)).toBe(200);
    expect(await findStatus(first, id)).not.toBe(200);

    const intruder = new StartProcess({ stateDir: second.stateDir });
    expect(await intruder.exit).toBe(1);
    expect(intruder.output).toContain(`${second.stateDir} is in use by process`);
  },
);

test(
  "the Worker's process restarts after a crash, and no process outlives a killed start",
  LONG,
  async ({ startStack }) => {
    const stack = await startStack();
    const id = await post(stack, "before");
    await stack.restartWorker();
    await until("the wall's return", 30_000, async () => (await findStatus(stack, id)) === 200);

    const groups = stack.groups();
    await stack.kill();
    await ended(groups);
  },
);

test("a port in use is named in the error", async () => {
  const server = net.createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as net.AddressInfo).port));
  });
  try {
    const start = new StartProcess({ port });
    expect(await start.exit).toBe(1);
    expect(start.output).toContain(`Port ${port} on 127.0.0.1 is in use.`);
    expect(start.output.trim().split("\n")).toHaveLength(1);
    start.forgetState();
  } finally {
    server.close();
  }
});

for (const [name, value] of [
  ["PORT", "abc"],
  ["PORT", "65536"],
  ["WALL", "Main Wall"],
  ["LEDGER", "paper"],
  ["BOT_TOKEN", "with a space"],
  ["ADMIN_TOKEN", "of-only-21-characters"],
  ["ALLOWED_ORIGINS", "example.com"],
] as const) {
  test(`${name}=${value} is rejected with one sentence`, async () => {
    const start = new StartProcess({ env: { [name]: value } });
    expect(await start.exit).toBe(1);
    expect(start.output).toMatch(new RegExp(`^${name} .*\\.\n$`));
    start.forgetState();
  });
}

test(
  "Ctrl-C during the build stops it at once; the next start builds again",
  LONG,
  async ({ scratch }) => {
    const checkout = await copyCheckout(path.join(scratch, "unbuilt"), { built: false });
    for (const attempt of ["first", "second"]) {
      const start = new StartProcess({ checkout });
      await start.printed(/^ {2}building the page/m);
      await until(`the ${attempt} build's output`, 60_000, () =>
        existsSync(path.join(checkout, ".next", "cache")),
      );
      const began = Date.now();
      expect(await start.end("SIGINT")).toBe(130);
      expect(Date.now() - began).toBeLessThan(END_PATIENCE_MS);
      expect(start.output).not.toContain("failed");
      expect(existsSync(path.join(checkout, ".vercel", "built-from"))).toBe(false);
      start.forgetState();
    }
  },
);
