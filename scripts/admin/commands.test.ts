/** What is asked of a running wall, by the commands that its admin has. */
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
let answer: (asked: URL, response: http.ServerResponse) => void;
/** What each request came with. */
let authorizations: unknown[];

beforeEach(async () => {
  directory = mkdtempSync(path.join(tmpdir(), "saywhatwant-admin-"));
  authorizations = [];
  server = http.createServer((request, response) => {
    authorizations.push(request.headers.authorization);
    answer(new URL(request.url ?? "", "http://wall"), response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(() => {
  server.close();
  server.closeAllConnections();
  rmSync(directory, { recursive: true });
});

const wallUrl = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

function run(name: string, argv: string[], env = { ADMIN_TOKEN: "an-admin-token-0123456789" }) {
  const child = spawn(process.execPath, [path.join(ROOT, "scripts", `${name}.mjs`), ...argv], {
    env: { ...process.env, STATE_DIR: directory, ...env },
  });
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

/** Pages of the past, then whatever is to follow them. */
function past(pages: number, then: (response: http.ServerResponse) => void = () => {}) {
  return (asked: URL, response: http.ServerResponse) => {
    const before = asked.searchParams.get("before") ?? "";
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

test("an export is every page of the past, on standard output or in a file", async () => {
  answer = past(2);
  const printed = await run("export", ["--url", wallUrl()]);
  expect(printed).toEqual({ code: 0, stdout: LINES, stderr: "2 comments\n" });
  const file = path.join(directory, "wall.jsonl");
  expect((await run("export", ["--url", wallUrl(), "--out", file])).code).toBe(0);
  expect(readFileSync(file, "utf8")).toBe(LINES);
  expect(readdirSync(directory)).toEqual(["wall.jsonl"]);
});

test("an export that fails leaves the file of the last one as it was", async () => {
  answer = past(1, refuse);
  const file = path.join(directory, "wall.jsonl");
  writeFileSync(file, "yesterday's\n");
  const { code, stderr } = await run("export", ["--url", wallUrl(), "--out", file]);
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: `${wallUrl()} refuses: 401, The token is not right.\n`,
  });
  expect(readFileSync(file, "utf8")).toBe("yesterday's\n");
  expect(readdirSync(directory)).toEqual(["wall.jsonl"]);
});

test("an export to where nothing can be written says so in one line", async () => {
  answer = past(1);
  const file = path.join(directory, "no", "wall.jsonl");
  const { code, stderr } = await run("export", ["--url", wallUrl(), "--out", file]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^\S+wall\.jsonl can't be written: .*\n$/);
});

test("only a file can be replaced by an export", async () => {
  const { code, stderr } = await run("export", ["--url", wallUrl(), "--out", directory]);
  expect({ code, stderr }).toEqual({ code: 2, stderr: `${directory} is no file.\n` });
});

test("what is no wall is said at once", async () => {
  answer = (_asked, response) => response.end("<html>Welcome</html>");
  const { code, stderr } = await run("export", ["--url", wallUrl()]);
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: `${wallUrl()} is no wall: it answers GET /api/comments with what is no JSON.\n`,
  });
});

test.each(["localhost:8788", "example.com", "ftp://example.com"])(
  "%s is no address of a wall",
  async (url) => {
    const { code, stderr } = await run("export", ["--url", url]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `--url must be an address like https://example.com, not “${url}”.\n`,
    });
  },
);

test("the token of the wall that is served here is sent to nobody else", async () => {
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
