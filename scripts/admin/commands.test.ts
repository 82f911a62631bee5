/** The admin's commands against a running wall. */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
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

function run(name: string, argv: string[], env: Record<string, string> = TOKEN, input = "") {
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

const NAME = "club";
const CURSOR = "abcdefgh.17";
const AT = 1_764_000_000_000;
const HEADER = JSON.stringify({ saywhatwant: "export", wall: NAME, at: AT, cursor: CURSOR });

type Answer = { status?: number; json: unknown };

/** The routes of a wall: by method and path, with the request's parameters and body. */
type Routes = Record<string, (parameters: URLSearchParams, body: unknown) => Answer>;

const removals = (more: object | false = {}) => ({
  json: { removed: [], cursor: CURSOR, at: AT, ...more },
});

/** A wall with a name that accepts the right token only. Requests are listed in `asked`. */
function wallWith(routes: Routes, asked: string[] = []) {
  const all: Routes = {
    "GET /api/status": () => ({ json: { wall: NAME, ok: true } }),
    "GET /api/admin/removals": () => removals(),
    ...routes,
  };
  return async (request: http.IncomingMessage, response: http.ServerResponse) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://wall");
    const name = `${request.method} ${pathname}`;
    asked.push(name);
    const isWrong = request.headers.authorization !== `Bearer ${TOKEN.ADMIN_TOKEN}`;
    const text = Buffer.concat(await request.toArray()).toString();
    const { status = 200, json } =
      pathname.startsWith("/api/admin") && isWrong
        ? REFUSED
        : (all[name]?.(searchParams, text && JSON.parse(text)) ?? {
            status: 404,
            json: { detail: `no ${name}` },
          });
    response.statusCode = status;
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify(json));
  };
}

const REFUSED = { status: 401, json: { detail: "The token is not right." } };

/** The pages of an export, then the given answer. */
function pages(count: number, then: Answer | null = null, removed: string[][] = []): Routes {
  return {
    "GET /api/admin/export": (parameters) => {
      const before = parameters.get("before") ?? "";
      const page = before.startsWith("9") ? 0 : Number(before);
      if (page === count && then) return then;
      const nextBefore = page + 1 === count && !then ? null : String(page + 1);
      const comments = [{ id: `comment ${page}`, timestamp: AT - page * 3_600_000 }];
      return { json: { comments, removed: removed[page] ?? [], nextBefore } };
    },
  };
}

const lineOf = (page: number) =>
  JSON.stringify({ id: `comment ${page}`, timestamp: AT - page * 3_600_000 });
const linesIn = (text: string) => text.trimEnd().split("\n");

test("an export names its wall, and has every message and removal, to standard output or a file", async () => {
  const asked: string[] = [];
  answer = wallWith(
    {
      ...pages(2, null, [["gone 1"], ["gone 2", "gone 1"]]),
      "GET /api/admin/removals": (parameters) =>
        removals(parameters.has("since") ? { removed: ["gone 3"] } : {}),
    },
    asked,
  );
  const printed = await run("export", ["--url", wallUrl()]);
  const wanted = [HEADER, lineOf(0), lineOf(1), ...[1, 2, 3].map((n) => `{"removed":"gone ${n}"}`)];
  expect(linesIn(printed.stdout).sort()).toEqual([...wanted].sort());
  expect(linesIn(printed.stdout)[0]).toBe(HEADER);
  expect(printed).toMatchObject({
    code: 0,
    stderr: `Wall ${NAME} at ${wallUrl()}\n2 comments, 3 removals\n`,
  });
  expect(asked[0]).toBe("GET /api/admin/removals");
  const file = path.join(directory, "wall.jsonl");
  expect((await run("export", ["--url", wallUrl(), "--out", file])).code).toBe(0);
  expect(readFileSync(file, "utf8")).toBe(printed.stdout);
  expect(readdirSync(directory)).toEqual(["wall.jsonl"]);
});

test("an export with a wrong token is refused, also by an empty wall", async () => {
  answer = wallWith(pages(1));
  const file = path.join(directory, "wall.jsonl");
  const argv = ["--url", wallUrl(), "--out", file];
  const { code, stderr } = await run("export", argv, { ADMIN_TOKEN: "any-other-token-0123456789" });
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: `${wallUrl()} refused the request: 401, The token is not right.\n`,
  });
  expect(readdirSync(directory)).toEqual([]);
});

test("a failed export leaves the previous file unchanged", async () => {
  answer = wallWith(pages(1, REFUSED));
  const file = path.join(directory, "wall.jsonl");
  writeFileSync(file, "yesterday's\n");
  const { code, stderr } = await run("export", ["--url", wallUrl(), "--out", file]);
  expect(code).toBe(1);
  expect(stderr).toContain("refused the request: 401, The token is not right.\n");
  expect(readFileSync(file, "utf8")).toBe("yesterday's\n");
  expect(readdirSync(directory)).toEqual(["wall.jsonl"]);
});

describe("an export since an earlier one", () => {
  const earlier = (fields: object) =>
    fileOf(`${JSON.stringify({ ...JSON.parse(HEADER), ...fields })}\n${lineOf(9)}\n`);

  test("has only the messages and removals since then", async () => {
    const sinces: (string | null)[] = [];
    answer = wallWith({
      ...pages(9, null, [["gone 1"]]),
      "GET /api/admin/removals": (parameters) => {
        sinces.push(parameters.get("since"));
        return removals({ removed: ["gone 2"], cursor: "abcdefgh.30" });
      },
    });
    const file = earlier({ at: AT - 3_600_000 });
    const { code, stdout } = await run("export", ["--url", wallUrl(), "--since", file]);
    expect(code).toBe(0);
    const header = { ...JSON.parse(HEADER), cursor: "abcdefgh.30", since: AT - 3_600_000 };
    // The hour's messages, and those of some minutes before: they may have arrived late.
    expect(linesIn(stdout)).toEqual([
      JSON.stringify(header),
      lineOf(0),
      lineOf(1),
      '{"removed":"gone 1"}',
      '{"removed":"gone 2"}',
    ]);
    expect(sinces[0]).toBe(CURSOR);
  });

  test.each<[object, object, RegExp]>([
    [{ wall: "other" }, {}, /in.jsonl is of the wall other, and this is club.\n/],
    [
      {},
      { gap: true },
      /This wall can't tell what was removed since \S+in.jsonl. Export it whole.\n/,
    ],
    [
      {},
      { older: true },
      /Older messages were imported or brought back since \S+in.jsonl. Export the wall whole.\n/,
    ],
  ])("is refused when it could miss something: %j, %j", async (fields, told, sentence) => {
    answer = wallWith({ ...pages(1), "GET /api/admin/removals": () => removals(told) });
    const argv = ["--url", wallUrl(), "--since", earlier(fields)];
    const { code, stdout, stderr } = await run("export", argv);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(sentence);
  });

  test("needs a file that says which wall it is of", async () => {
    answer = wallWith(pages(1));
    const argv = ["--url", wallUrl(), "--since", fileOf(`${lineOf(1)}\n`)];
    const { code, stderr } = await run("export", argv);
    expect(code).toBe(1);
    expect(stderr).toContain("in.jsonl does not begin with the header of an export.");
  });
});

test("an export during which older messages came is refused, since it may lack them", async () => {
  answer = wallWith({
    ...pages(1),
    "GET /api/admin/removals": (parameters) => removals(parameters.has("since") && { older: true }),
  });
  const file = path.join(directory, "wall.jsonl");
  const { code, stderr } = await run("export", ["--url", wallUrl(), "--out", file]);
  expect(code).toBe(1);
  expect(stderr).toContain("imported or brought back during the export. Start it again.\n");
  expect(readdirSync(directory)).toEqual([]);
});

test("an export to an unwritable place says so in one line", async () => {
  answer = wallWith(pages(1));
  const file = path.join(directory, "no", "wall.jsonl");
  const { code, stderr } = await run("export", ["--url", wallUrl(), "--out", file]);
  expect(code).toBe(1);
  expect(linesIn(stderr)[1]).toMatch(/^\S+wall\.jsonl can't be written: /);
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
    stderr: `${wallUrl()} is not a wall: GET /api/admin/removals did not return JSON.\n`,
  });
});

/**
 * A wall that accepts comments, except those whose text is `bad`, `deep` or over 1,000 characters.
 */
function takes(comments: Map<string, unknown>, batches: number[] = [], asked: string[] = []) {
  type Sent = { comments: { id: string; text: string }[]; removed?: string[] };
  const take = (sent: Sent): Answer => {
    batches.push(sent.comments.length);
    const errors = sent.comments.flatMap(({ text }, index) =>
      text === "bad" ? [{ pointer: `/comments/${index}/text`, detail: "must be good" }] : [],
    );
    if (sent.comments.some(({ text }) => text === "deep"))
      return { status: 400, json: { detail: "The body nests too deep." } };
    if (errors.length > 0) return { status: 400, json: { detail: "Invalid: text.", errors } };
    const removed = (sent.removed ?? []).filter((id) => comments.has(id));
    const remembered = (sent.removed ?? []).filter((id) => !comments.has(id));
    for (const id of sent.removed ?? []) comments.set(id, null);
    const added = sent.comments.filter(({ id }) => !comments.has(id));
    for (const comment of added) comments.set(comment.id, comment);
    const known = sent.comments.length - added.length;
    const counts = { removed: removed.length, remembered: remembered.length };
    return { json: { added: added.length, known, ...counts } };
  };
  return wallWith({ "POST /api/admin/import": (_parameters, sent) => take(sent as Sent) }, asked);
}

function linesOf(count: number, texts: Record<number, string> = {}): string {
  return Array.from({ length: count }, (_, n) => {
    const timestamp = 1_700_000_000_000 + n;
    const id = `${timestamp}-0000000000`;
    return `${JSON.stringify({ id, timestamp, text: texts[n + 1] ?? `line ${n + 1}` })}\n`;
  }).join("");
}

function fileOf(content: string | Uint8Array, name = "in.jsonl"): string {
  const file = path.join(directory, name);
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

test("an import with a wrong token is refused before anything is sent", async () => {
  const asked: string[] = [];
  answer = takes(new Map(), [], asked);
  const argv = [fileOf(linesOf(300)), "--url", wallUrl()];
  const { code, stderr } = await run("import", argv, { ADMIN_TOKEN: "any-other-token-0123456789" });
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: `${wallUrl()} refused the request: 401, The token is not right.\n`,
  });
  expect(asked).toEqual(["GET /api/admin/removals"]);
});

describe("an import of exports with removals", () => {
  const header = (fields: object = {}) =>
    `${JSON.stringify({ ...JSON.parse(HEADER), ...fields })}\n`;
  const idOf = (n: number) => `${1_700_000_000_000 + n - 1}-0000000000`;
  const gone = (n: number) => `${JSON.stringify({ removed: idOf(n) })}\n`;

  test("applies the removals of all files first, so that no removed message comes back", async () => {
    const comments = new Map<string, unknown>([[idOf(2), { id: idOf(2) }]]);
    answer = takes(comments);
    const [older, newer] = [
      fileOf(header() + linesOf(3), "older.jsonl"),
      fileOf(header({ at: AT + 1 }) + gone(1) + gone(2), "newer.jsonl"),
    ];
    const { code, stdout, stderr } = await run("import", [older, newer, "--url", wallUrl()]);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stderr).toContain(`Wall ${NAME} at ${wallUrl()}\n`);
    expect(linesIn(stdout).slice(0, 2)).toEqual([
      "1 comments added, 0 already existed, 2 left out because they were removed",
      "2 removals: 1 new to this wall, 1 of messages that it had",
    ]);
    expect(stdout).toContain("An export does not have: claims, reports,");
    expect(comments.get(idOf(1))).toBe(null);
    expect(comments.get(idOf(2))).toBe(null);
    expect(comments.get(idOf(3))).toMatchObject({ text: "line 3" });
  });

  test("keeps the newest file's state of a message that several files have", async () => {
    const comments = new Map<string, unknown>();
    answer = takes(comments);
    const older = fileOf(header() + linesOf(1, { 1: "before" }), "older.jsonl");
    const newer = fileOf(header({ at: AT + 1 }) + linesOf(1, { 1: "after" }), "newer.jsonl");
    expect((await run("import", [older, newer, "--url", wallUrl()])).code).toBe(0);
    expect(comments.get(idOf(1))).toMatchObject({ text: "after" });
  });

  test("works from standard input, whatever the order of the lines", async () => {
    const comments = new Map<string, unknown>();
    answer = takes(comments);
    const input = header() + linesOf(2) + gone(1);
    const { code } = await run("import", ["-", "--url", wallUrl()], TOKEN, input);
    expect(code).toBe(0);
    expect([comments.get(idOf(1)), comments.get(idOf(2))]).toEqual([
      null,
      expect.objectContaining({ text: "line 2" }),
    ]);
  });

  test.each(["file", "standard input"])(
    "refuses another wall's %s unless told so",
    async (from) => {
      const comments = new Map();
      answer = takes(comments);
      const input = header({ wall: "other" }) + gone(3) + linesOf(2);
      const argv = [from === "file" ? fileOf(input) : "-", "--url", wallUrl()];
      const { code, stderr } = await run("import", argv, TOKEN, input);
      expect(code).toBe(1);
      expect(stderr).toContain(
        "is of the wall other, and this is club. To import it all the same, add --from-wall other.\n",
      );
      expect(comments.size).toBe(0);
      const told = await run("import", [...argv, "--from-wall", "other"], TOKEN, input);
      expect(told.code).toBe(0);
      expect(comments.size).toBe(3);
    },
  );

  test("a removal's id that the wall refuses is named by its line", async () => {
    answer = takes(new Map());
    const { code, stderr } = await run("import", [
      fileOf(`${header()}{"removed":"no id"}\n${linesOf(1)}`),
      "--url",
      wallUrl(),
    ]);
    expect(code).toBe(1);
    expect(stderr).toContain("Line 2 has no comment's id to remove\n");
  });
});

test.each(["missing.jsonl", "."])("the file %s can't be imported", async (name) => {
  answer = takes(new Map());
  const file = path.join(directory, name);
  const { code, stderr } = await run("import", [file, "--url", wallUrl()]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^\S+ can't be read: .*\n$/m);
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

test("a local wall without a stored token names the directory that was searched", async () => {
  expect(await run("export", [], { ADMIN_TOKEN: "" })).toMatchObject({
    code: 1,
    stderr: `No wall keeps its token in ${directory}: set STATE_DIR and PORT as for \`npm start\`, or ADMIN_TOKEN.\n`,
  });
});

test("the doctor's default is the local wall, at the PORT of `npm start`", async () => {
  const { stdout } = await run("doctor", ["--help"], { PORT: "4321" });
  expect(stdout).toContain("the wall (http://127.0.0.1:4321)");
});

test("the local wall's token is sent to no other host", async () => {
  writeFileSync(path.join(directory, "worker.env"), 'ADMIN_TOKEN="of-the-wall-here-0123456789"\n');
  answer = wallWith({});
  await run("export", ["--url", wallUrl()], { ADMIN_TOKEN: "" });
  expect(authorizations).toEqual(["Bearer of-the-wall-here-0123456789"]);
  const elsewhere = await run("export", ["--url", "http://wall.invalid"], { ADMIN_TOKEN: "" });
  expect(elsewhere).toMatchObject({
    code: 1,
    stderr: "ADMIN_TOKEN must be set to the wall's admin token.\n",
  });
});
