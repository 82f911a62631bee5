/** The admin's commands against a running wall. */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ROOT } from "../command/paths.mjs";

let directory = "";
let server: http.Server;
let answer: (request: http.IncomingMessage, response: http.ServerResponse) => unknown;
/** The headers and body of each request. */
let authorizations: unknown[];

beforeEach(async () => {
  directory = mkdtempSync(path.join(tmpdir(), "saywhatwant-admin-"));
  authorizations = [];
  server = http.createServer((request, response) => {
    authorizations.push(request.headers.authorization);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(() => {
  server.close();
  server.closeAllConnections();
  rmSync(directory, { recursive: true });
});

const wallUrl = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const TOKEN = { ADMIN_TOKEN: "an-admin-token-0123456789" };

function run(name: string, argv: string[], env = TOKEN, input = "") {
  const child = spawn(process.execPath, [path.join(ROOT, "scripts", `${name}.mjs`), ...argv], {
    env: { ...process.env, STATE_DIR: directory, ...env },
  });
  child.stdin.on("error", () => {}).end(input);
  const ended = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => {
    ended.stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    ended.stderr += chunk;
  });
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    child.once("close", (code) => resolve({ code, ...ended }));
  });
}

/** Pages of history, then the given answer. */
function past(pages: number, then: (response: http.ServerResponse) => void = () => {}) {
  return ({ url = "" }: http.IncomingMessage, response: http.ServerResponse) => {
    const before = new URL(url, "http://wall").searchParams.get("before") ?? "";
    const page = before.startsWith("9") ? 0 : Number(before);
    if (page === pages) return then(response);
    const nextBefore = page + 1 === pages && then.length === 0 ? null : String(page + 1);
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify({ comments: [{ id: `comment ${page}` }], nextBefore }));
  };
}

const refuse = (response: http.ServerResponse) => {
  response.statusCode = 401;
  response.end(JSON.stringify({ detail: "The token is not right." }));
};
const LINES = '{"id":"comment 0"}\n{"id":"comment 1"}\n';

test("an export writes every page of history, to standard output or a file", async () => {
  answer = past(2);
  const printed = await run("export", ["--url", wallUrl()]);
  expect(printed).toEqual({ code: 0, stdout: LINES, stderr: "2 comments\n" });
  const file = path.join(directory, "wall.jsonl");
  expect((await run("export", ["--url", wallUrl(), "--out", file])).code).toBe(0);
  expect(readFileSync(file, "utf8")).toBe(LINES);
  expect(readdirSync(directory)).toEqual(["wall.jsonl"]);
});

test("a failed export leaves the previous file unchanged", async () => {
  answer = past(1, refuse);
  const file = path.join(directory, "wall.jsonl");
  writeFileSync(file, "yesterday's\n");
  const { code, stderr } = await run("export", ["--url", wallUrl(), "--out", file]);
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: `${wallUrl()} refused the request: 401, The token is not right.\n`,
  });
  expect(readFileSync(file, "utf8")).toBe("yesterday's\n");
  expect(readdirSync(directory)).toEqual(["wall.jsonl"]);
});

test("an export to an unwritable place says so in one line", async () => {
  answer = past(1);
  const file = path.join(directory, "no", "wall.jsonl");
  const { code, stderr } = await run("export", ["--url", wallUrl(), "--out", file]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^\S+wall\.jsonl can't be written: .*\n$/);
});

test("an export replaces only files", async () => {
  const { code, stderr } = await run("export", ["--url", wallUrl(), "--out", directory]);
  expect({ code, stderr }).toEqual({ code: 2, stderr: `${directory} is not a file.\n` });
});

test("a server that is not a wall is reported at once", async () => {
  answer = (_request, response) => response.end("<html>Welcome</html>");
  const { code, stderr } = await run("export", ["--url", wallUrl()]);
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: `${wallUrl()} is not a wall: GET /api/comments did not return JSON.\n`,
  });
});

/**
 * A wall that accepts comments, except those whose text is `bad`, `deep` or over 1,000 characters.
 */
function takes(comments: Map<string, unknown>, batches: number[] = []) {
  return async (request: http.IncomingMessage, response: http.ServerResponse) => {
    const sent: { comments: { id: string; text: string }[] } = JSON.parse(
      Buffer.concat(await request.toArray()).toString(),
    );
    batches.push(sent.comments.length);
    const errors = sent.comments.flatMap(({ text }, index) =>
      text === "bad" ? [{ pointer: `/comments/${index}/text`, detail: "must be good" }] : [],
    );
    response.statusCode = 400;
    if (sent.comments.some(({ text }) => text === "deep"))
      return response.end(JSON.stringify({ detail: "The body nests too deep." }));
    if (errors.length > 0)
      return response.end(JSON.stringify({ detail: "Invalid: text.", errors }));
    const added = sent.comments.filter(({ id }) => !comments.has(id));
    for (const comment of added) comments.set(comment.id, comment);
    response.statusCode = 200;
    const known = sent.comments.length - added.length;
    return response.end(JSON.stringify({ added: added.length, known }));
  };
}

function linesOf(count: number, texts: Record<number, string> = {}): string {
  return Array.from({ length: count }, (_, n) => {
    const timestamp = 1_700_000_000_000 + n;
    const id = `${timestamp}-0000000000`;
    return `${JSON.stringify({ id, timestamp, text: texts[n + 1] ?? `line ${n + 1}` })}\n`;
  }).join("");
}

function fileOf(content: string | Uint8Array): string {
  const file = path.join(directory, "in.jsonl");
  writeFileSync(file, content);
  return file;
}

test("an import adds valid lines, names invalid ones, and adds only missing comments from the fixed file", async () => {
  const comments = new Map();
  const batches: number[] = [];
  answer = takes(comments, batches);
  const wrong = linesOf(250, { 3: "bad", 5: "bad", 120: "deep", 249: "bad" });
  const file = fileOf(`\ufeff${wrong}no JSON\n`);
  const first = await run("import", [file, "--url", wallUrl()]);
  expect(first.code).toBe(1);
  expect(first.stdout).toBe("246 comments added, 0 already existed\n");
  expect(first.stderr.match(/^Line .*$/gm)).toEqual([
    "Line 3 text must be good",
    "Line 5 text must be good",
    "Line 120 is refused: The body nests too deep.",
    "Line 249 text must be good",
    "Line 251 is not a JSON object",
  ]);
  expect(first.stderr).toContain("5 invalid lines. Fix them and import the file again");
  expect(Math.max(...batches)).toBe(100);
  const mended = await run("import", [fileOf(linesOf(250)), "--url", wallUrl()]);
  expect(mended).toMatchObject({
    code: 0,
    stdout: "4 comments added, 246 already existed\n",
  });
  expect(comments.size).toBe(250);
});

test("an import reads standard input, including npm's lines around an export", async () => {
  const comments = new Map();
  answer = takes(comments);
  const banner = "\n> saywhatwant@0.1.0 export\n> exec node scripts/export.mjs\n\n";
  const { code, stdout } = await run(
    "import",
    ["-", "--url", wallUrl()],
    TOKEN,
    banner + linesOf(3),
  );
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: "3 comments added, 0 already existed\n",
  });
});

test("a line with bytes that are not UTF-8 is refused by its number", async () => {
  const comments = new Map();
  answer = takes(comments);
  const latin1 = Buffer.from(linesOf(3, { 2: "caf\u00e9" }), "latin1");
  const { code, stderr } = await run("import", [fileOf(latin1), "--url", wallUrl()]);
  expect(code).toBe(1);
  expect(stderr).toContain("Line 2 is not UTF-8\n");
  expect([...comments.values()].map(({ text }) => text)).toEqual(["line 1", "line 3"]);
});

test("an import of another kind of file stops after 100 invalid lines", async () => {
  const comments = new Map();
  answer = takes(comments);
  const file = fileOf(`${linesOf(1)}${"<p>\n".repeat(5_000)}`);
  const { code, stdout, stderr } = await run("import", [file, "--url", wallUrl()]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: "1 comments added, 0 already existed\n" });
  expect(stderr.match(/^Line/gm)).toHaveLength(100);
  expect(stderr).toContain("Stopped after 100 invalid lines.");
});

test("an import stops at once if the wall refuses for another reason", async () => {
  answer = (_request, response) => refuse(response);
  const { code, stderr } = await run("import", [fileOf(linesOf(300)), "--url", wallUrl()]);
  expect(code).toBe(1);
  expect(stderr).toContain(`${wallUrl()} refused the request: 401, The token is not right.\n`);
  expect(authorizations).toHaveLength(1);
});

test.each(["missing.jsonl", "."])("the file %s can't be imported", async (name) => {
  const file = path.join(directory, name);
  const { code, stderr } = await run("import", [file, "--url", wallUrl()]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^\S+ can't be read: .*\n$/);
});

test.each(["localhost:8788", "example.com", "ftp://example.com"])(
  "%s is not the address of a wall",
  async (url) => {
    const { code, stderr } = await run("export", ["--url", url]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `--url must be an address like https://example.com, not “${url}”.\n`,
    });
  },
);

test("the local wall's token is sent to no other host", async () => {
  writeFileSync(path.join(directory, "worker.env"), 'ADMIN_TOKEN="of-the-wall-here-0123456789"\n');
  answer = past(1);
  await run("export", ["--url", wallUrl()], { ADMIN_TOKEN: "" });
  expect(authorizations).toEqual(["Bearer of-the-wall-here-0123456789"]);
  const elsewhere = await run("export", ["--url", "http://wall.invalid"], { ADMIN_TOKEN: "" });
  expect(elsewhere).toMatchObject({
    code: 1,
    stderr: "ADMIN_TOKEN must be set to the wall's admin token.\n",
  });
});
