/** The doctor against a wall that is well, and against broken ones. */
import http from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { WebSocketServer } from "ws";
import { examine } from "./doctor.mjs";

const PATIENCE = { answerMs: 400, shownMs: 300, pollMs: 10 };
const PAGE = '<script src="/_next/static/app.js"></script>';

type Answer = { status?: number; headers?: Record<string, string>; body?: unknown };
type Broken = Record<string, (asked: { shown: readonly unknown[] }) => Answer | null>;

/** A wall that is well, except for the given answers; `null` is no answer at all. */
async function wallWith(broken: Broken = {}) {
  let shown: { id: string }[] = [];
  const status = { ok: true, wall: "main", ledger: "kv", version: "v-one", ageMs: 1_200 };
  const well: Broken = {
    "GET /": () => ({ headers: { "Content-Security-Policy": "default-src" }, body: PAGE }),
    "GET /api/comments": () => ({ body: { comments: shown, cursor: "abcdefgh.7" } }),
    "GET /api/status": () => ({ body: status }),
    "POST /api/comments": () => {
      shown = [{ id: "1790000000000-0000000001" }];
      return { status: 201, body: shown[0] };
    },
    "DELETE /api/comments/ID": () => {
      shown = [];
      return { status: 204 };
    },
    "GET /api/comments/ID": () => ({ status: shown.length > 0 ? 200 : 404, body: {} }),
  };
  const answers = { ...well, ...broken };
  const server = http.createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "", "http://wall");
    const route = `${request.method} ${pathname.replace(/\d+-\w+$/, "ID")}`;
    request.resume();
    const answer = answers[route]?.({ shown }) ?? null;
    if (answer === null) return;
    const { status: code = 200, headers = {}, body } = answer;
    response.writeHead(code, headers);
    response.end(typeof body === "string" || body === undefined ? body : JSON.stringify(body));
  });
  const sockets = new WebSocketServer({ noServer: true });
  server.on("upgrade", (request, socket, head) => {
    const refused = answers["UPGRADE /api/live"]?.({ shown });
    if (refused) socket.end(`HTTP/1.1 ${refused.status} No\r\n\r\n`);
    else
      sockets.handleUpgrade(request, socket, head, (opened) =>
        opened.send(JSON.stringify({ since: "abcdefgh.7", auditS: 60 })),
      );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets.clients) socket.terminate();
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const faultsOf = async (url: string) =>
  (await examine(url, { patience: PATIENCE }))
    .filter(({ isWell }) => !isWell)
    .map(({ title, words }) => `${title}: ${words}`);

test("a wall that is well passes, and keeps nothing of the check", async () => {
  const url = await wallWith();
  const reported: string[] = [];
  const results = await examine(url, {
    patience: PATIENCE,
    report: ({ title, isWell }) => reported.push(`${title} ${isWell}`),
  });
  const titles = ["page", "API", "status", "post", "removal", "live channel"];
  expect(reported).toEqual(titles.map((title) => `${title} true`));
  expect(results.map(({ words }) => words).join()).toContain("“main” on kv, version v-one");
  const left = await fetch(`${url}/api/comments`);
  expect(await left.json()).toMatchObject({ comments: [] });
});

test("a channel that is switched off is no fault", async () => {
  expect(await faultsOf(await wallWith({ "UPGRADE /api/live": () => ({ status: 404 }) }))).toEqual(
    [],
  );
});

const problem = (status: number, code: string, detail: string) => () => ({
  status,
  body: { status, code, detail },
});

test.each<[string, Broken, RegExp[]]>([
  [
    "a page of another site",
    { "GET /": () => ({ body: "hello" }) },
    [/^page: .*check the address/],
  ],
  [
    "a page without its policy",
    { "GET /": () => ({ body: PAGE }) },
    [/^page: .*no security policy/],
  ],
  [
    "no API",
    {
      "GET /api/comments": () => ({ status: 404, body: "<p>not here" }),
      "UPGRADE /api/live": () => ({ status: 404 }),
    },
    [/^API: .*functions are not deployed/, /^post: .*functions/, /^removal: not tried/, /^live/],
  ],
  [
    "a wall that can't be read",
    { "GET /api/comments": problem(503, "unavailable", "The wall can't be read right now.") },
    [/^API: .*503 unavailable The wall can't/, /^post: .*not shown/],
  ],
  [
    "a wall that is read from its spare",
    {
      "GET /api/comments": ({ shown }) => ({
        body: { comments: shown, cursor: "a.7", spare: true },
      }),
    },
    [/^API: .*spare/],
  ],
  [
    "an object that is away",
    { "GET /api/status": () => ({ status: 503, body: { ok: false, away: true } }) },
    [/^status: the wall's object does not answer/],
  ],
  [
    "a cache that is late",
    { "GET /api/status": () => ({ body: { ok: false, ageMs: 62_000, rebuilds: { failed: 9 } } }) },
    [/^status: the last rebuild was 62 s ago, 9 failed/],
  ],
  [
    "a wall that is paused",
    { "POST /api/comments": problem(503, "posting_paused", "Posting is paused by an admin.") },
    [/^post: .*503 posting_paused Posting is paused/, /^removal: not tried/],
  ],
  [
    "a wall that stores and does not show",
    { "GET /api/comments": () => ({ body: { comments: [], cursor: "abcdefgh.7" } }) },
    [/^post: a message is stored, but not shown/],
  ],
  [
    "a removal that is refused",
    { "DELETE /api/comments/ID": problem(403, "forbidden", "Not yours.") },
    [/^removal: the message of this check stays: 403/],
  ],
  [
    "a removal without effect",
    { "DELETE /api/comments/ID": () => ({ status: 204 }) },
    [/^removal: a removed message is still found/],
  ],
  [
    "a channel that breaks",
    { "UPGRADE /api/live": () => ({ status: 500 }) },
    [/^live channel: .*500/],
  ],
  [
    "a status that never comes",
    { "GET /api/status": () => null },
    [/^status: \/api\/status does not answer \(not within 0\.4 s\)/],
  ],
])("%s is named, with nothing else", async (_name, broken, faults) => {
  const found = await faultsOf(await wallWith(broken));
  expect(found).toEqual(faults.map((fault) => expect.stringMatching(fault)));
});

test("nobody at the address fails every check in one line each", async () => {
  const server = http.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const found = await faultsOf(`http://127.0.0.1:${port}`);
  expect(found).toHaveLength(6);
  expect(found[0]).toMatch(/^page: \/ does not answer \(fetch failed: .*ECONNREFUSED/);
});
