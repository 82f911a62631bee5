/** Text that its author takes down disappears from every file of a wall on its own disk. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import type { Comment } from "#schema/comment";
import type { Read } from "#schema/read";
import { eventually, expect, LONG, test } from "../fixtures";
import type { Stack } from "../stack";

const WORDS = "quicksilver-heliotrope-zeppelin";
const GONE_WITHIN_MS = 60_000;

function filesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .map((name) => path.join(directory, name))
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
}

/** The files that contain these words; files deleted during the search are skipped. */
function filesWith(directory: string, words: string): string[] {
  return filesIn(directory).filter((file) => {
    try {
      return readFileSync(file).includes(words);
    } catch {
      return false;
    }
  });
}

const SECRET = "the author's secret";
const SECRET_HASH = createHash("sha256").update(SECRET).digest("base64url");

async function send(stack: Stack, method: string, address: string, body: object, token = true) {
  const headers = {
    "Content-Type": "application/json",
    ...(token && { Authorization: `Bearer ${stack.adminToken}` }),
  };
  return fetch(stack.url + address, { method, headers, body: JSON.stringify(body) });
}

async function read(stack: Stack, query = ""): Promise<Read> {
  return (await fetch(`${stack.url}/api/comments${query}`)).json() as Promise<Read>;
}

for (const ledger of ["kv", "sqlite"])
  for (const use of ["that is polled", "without readers"])
    test(
      `text that its author takes down disappears from every file within a minute, on ${ledger}, on a wall ${use}`,
      LONG,
      async ({ startStack }) => {
        // The setup takes time as well.
        test.setTimeout(2 * GONE_WITHIN_MS);
        const stack = await startStack({ env: { LEDGER: ledger } });
        const ids: string[] = [];
        let cursor: string | undefined;
        for (let n = 0; n < 40; n += 1) {
          const text =
            n % 8 === 3 ? `${WORDS} ${n}` : `other words, ${n} ${"and more ".repeat(30)}`;
          const posted = await send(stack, "POST", "/api/comments", {
            text,
            nonce: `nonce-${n}-of-it`,
            secretHash: SECRET_HASH,
          });
          const comment = (await posted.json()) as Comment;
          if (text.startsWith(WORDS)) ids.push(comment.id);
          ({ cursor } = await read(stack, cursor && `?since=${cursor}`));
        }
        await eventually(async () => {
          expect(JSON.stringify(await read(stack)).split(WORDS)).toHaveLength(ids.length + 1);
        });
        expect(filesWith(stack.stateDir, WORDS)).not.toEqual([]);
        // An admin's removal keeps the text for 10 minutes, for an undo; this one erases it at once.
        for (const id of ids) {
          const own = { secret: SECRET };
          const answer = await send(stack, "DELETE", `/api/comments/${id}`, own, false);
          expect(answer.status).toBe(204);
        }
        await expect
          .poll(
            async () => {
              if (use.startsWith("that is polled")) await read(stack);
              return filesWith(stack.stateDir, WORDS);
            },
            { timeout: GONE_WITHIN_MS, intervals: [500] },
          )
          .toEqual([]);
        expect((await read(stack)).comments).toHaveLength(40 - ids.length);
      },
    );

test("reading with many different cursors adds no files", LONG, async ({ startStack }) => {
  const stack = await startStack({ env: { LEDGER: "kv" } });
  const poll = async (n: number) => {
    await send(stack, "POST", "/api/comments", { text: `${n}`, nonce: `nonce-${n}-of-it` });
    const { cursor } = await read(stack);
    await read(stack, `?since=${cursor}`);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
  };
  const cacheFiles = () => filesIn(path.join(stack.stateDir, "v3", "cache")).length;
  for (let n = 0; n < 3; n += 1) await poll(n);
  const before = cacheFiles();
  expect(before).toBeGreaterThan(0);
  for (let n = 3; n < 13; n += 1) await poll(n);
  // A file being written exists beside the one that it replaces.
  expect(cacheFiles()).toBeLessThanOrEqual(before + 2);
});
