/** Moves a wall from one ledger to the other, and to another wall, with the operator's commands. */
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import type { Read } from "#schema/read";
import type { Status } from "#schema/status";
import { CHECKOUT } from "../checkout";
import { expect, LONG, test } from "../fixtures";
import type { Stack } from "../stack";

const run = promisify(execFile);

async function command(stack: Stack, name: string, ...argv: string[]): Promise<string> {
  const script = path.join(CHECKOUT, "scripts", `${name}.mjs`);
  const { stdout } = await run(process.execPath, [script, ...argv, "--url", stack.url], {
    env: { ...process.env, ADMIN_TOKEN: stack.adminToken },
  });
  return stdout;
}

/** An export without its header, which has the time. */
async function linesOf(stack: Stack): Promise<string[]> {
  const [header = "", ...lines] = (await command(stack, "export")).trim().split("\n");
  expect(JSON.parse(header)).toMatchObject({ saywhatwant: "export", wall: "main" });
  return lines;
}

async function ask(stack: Stack, method: string, address: string, body: object, token: string) {
  const headers = { "Content-Type": "application/json", Authorization: `Bearer ${token}` };
  return fetch(stack.url + address, { method, headers, body: JSON.stringify(body) });
}

async function json<T>(response: Response): Promise<T> {
  return response.json() as Promise<T>;
}

test(
  "an export has the same lines after an import into a sqlite wall and after a move",
  LONG,
  async ({ startStack, scratch }) => {
    const first = await startStack({ env: { LEDGER: "kv" } });
    const ids: string[] = [];
    for (let n = 0; n < 12; n += 1) {
      const draft = { text: `message ${n} 🌍`, nonce: `nonce-${n}-of-it`, username: "ada" };
      const posted = await ask(first, "POST", "/api/comments", draft, first.botToken);
      ids.push((await json<{ id: string }>(posted)).id);
    }
    const processed = { botParams: { processed: true } };
    await ask(first, "PATCH", `/api/comments/${ids[3]}`, processed, first.botToken);
    await ask(first, "DELETE", `/api/comments/${ids[5]}`, {}, first.adminToken);
    const file = path.join(scratch, "wall.jsonl");
    await command(first, "export", "--out", file);
    const lines = await linesOf(first);
    expect(lines).toHaveLength(12);
    expect(lines.at(-1)).toBe(JSON.stringify({ removed: ids[5] }));

    const second = await startStack({ env: { LEDGER: "sqlite" } });
    expect(await command(second, "import", file)).toContain("11 comments added, 0 already existed");
    expect(await command(second, "import", file)).toContain("0 comments added, 11 already existed");
    expect(await linesOf(second)).toEqual(lines);
    const read = await json<Read>(await fetch(`${second.url}/api/comments`));
    expect(read.comments.map(({ id }) => id)).toEqual(ids.filter((id) => id !== ids[5]).reverse());

    expect(await command(first, "migrate", "--to", "sqlite")).toContain("12 of 12 keys verified");
    expect(await linesOf(first)).toEqual(lines);
    const after = { text: "after the move", nonce: "nonce-after-it" };
    expect((await ask(first, "POST", "/api/comments", after, first.botToken)).status).toBe(201);
    await first.kill();
    const again = await startStack({ stateDir: first.stateDir, env: { LEDGER: "sqlite" } });
    expect(await command(again, "export")).toContain("after the move");
    const status = await json<Status>(await fetch(`${again.url}/api/status`));
    expect(status.ledger).toBe("sqlite");
  },
);
