/** The doctor against a wall that is well, and against broken ones. */
import http from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { WebSocketServer } from "ws";
import { examine } from "./doctor.mjs";

const PATIENCE = { answerMs: 2_000, shownMs: 300, pollMs: 10 };
const PAGE = '<script src="/_next/static/app.js"></script>';

type Answer = { status?: number; headers?: Record<string, string>; body?: unknown };
type Broken = Record<string, (asked: { shown: readonly unknown[] }) => Answer | null>;

const MINUTE_MS = 60_000;

function statusOf(fields: Record<string, unknown>) {
  const now = Date.now();
  return {
    ...{ ok: true, wall: "main", ledger: "kv", version: "v-one", ageMs: 1_200, location: "FRA" },
    spare: { publishedAt: now - 4_000, failingSince: null },
    cron: { at: now - 20_000, since: now - 60 * MINUTE_MS },
    ...fields,
  };
}

const withStatus = (fields: Record<string, unknown>): Broken => ({
  "GET /api/status": () => ({ body: statusOf(fields) }),
});

/** A wall that is well, except for the given answers; `null` is no answer at all. */
async function wallWith(broken: Broken = {}) {
  let shown: { id: string }[] = [];
  const status = statusOf({});
  const well: Broken = {
    "GET /": () => ({ headers: { "Content-Security-Policy": "default-src" }, body: PAGE }),
    "GET /api/comments": () => ({ body: { comments: shown, cursor: "abcdefgh.7" } }),
    "GET /api/status": () => ({ body: status }),
    "GET /api/health": () => ({ body: { ok: true } }),
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
  const titles = ["page", "API", "freshness", "health", "post", "removal", "live channel"];
  titles.push("spare", "cron", "object", "backup");
  expect(reported).toEqual(titles.map((title) => `${title} true`));
  expect(results.map(({ words }) => words).join()).toContain("“main” on kv, version v-one");
  const left = await fetch(`${url}/api/comments`);
  expect(await left.json()).toMatchObject({ comments: [] });
});

test.each<[string, Broken, string]>([
  [
    "a channel that is switched off",
    { "UPGRADE /api/live": () => ({ status: 404 }) },
    "is switched off: pages poll",
  ],
  [
    "a cron that is still to start",
    withStatus({ cron: { at: null, since: Date.now() - 5 * MINUTE_MS } }),
    "has not run since the object started 5 min ago. A new one may take 15 minutes to start",
  ],
  ["a preview without a cron", withStatus({ cron: undefined }), "previews have none"],
  ["a wall without backups", {}, "no bucket is bound"],
  [
    "a first backup that is under way",
    withStatus({ backup: { at: null } }),
    "none is finished yet",
  ],
  [
    "a backup of this night",
    withStatus({ backup: { at: Date.now() - 9 * 60 * MINUTE_MS } }),
    "the last one is 9 h old",
  ],
  ["an object at an unknown place", withStatus({ location: undefined }), "is not known"],
])("%s is no fault", async (_name, wall, words) => {
  const results = await examine(await wallWith(wall), { patience: PATIENCE });
  expect(results.filter(({ isWell }) => !isWell)).toEqual([]);
  expect(results.map((result) => result.words).join("\n")).toContain(words);
});

const problem = (status: number, code: string, detail: string) => () => ({
  status,
  body: { status, code, detail },
});

const STATUS_UNKNOWN = ["spare", "cron", "object", "backup"].map(
  (title) => new RegExp(`^${title}: not checked, because the status is not known`),
);

test.each<[string, Broken, RegExp[]]>([
  [
    "a health route that reports a fault",
    { "GET /api/health": () => ({ status: 503, body: { ok: false, reason: "failing" } }) },
    [/^health: \/api\/health answers 503 failing/],
  ],
  [
    "a backup that has failed for days",
    withStatus({ backup: { at: Date.now() - 72 * 60 * MINUTE_MS } }),
    [/^backup: the last one is 72 h old\. Look at/],
  ],
  [
    "a published copy that can't be written",
    withStatus({ spare: { publishedAt: null, failingSince: Date.now() - 10 * MINUTE_MS } }),
    [/^spare: the store has rejected the published copy for 10 min/],
  ],
  [
    "a cron that stopped",
    withStatus({ cron: { at: Date.now() - 30 * MINUTE_MS, since: Date.now() - 60 * MINUTE_MS } }),
    [/^cron: has not run for 30 min/],
  ],
  [
    "a cron that never ran",
    withStatus({ cron: { at: null, since: Date.now() - 60 * MINUTE_MS } }),
    [/^cron: has not run for 60 min/],
  ],
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
    [/^freshness: the wall's object does not answer/, ...STATUS_UNKNOWN],
  ],
  [
    "a cache that is late",
    { "GET /api/status": () => ({ body: { ok: false, ageMs: 62_000, rebuilds: { failed: 9 } } }) },
    [/^freshness: the last rebuild was 62 s ago, 9 failed/, ...STATUS_UNKNOWN],
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
    [/^freshness: \/api\/status does not answer \(not within 2 s\)/, ...STATUS_UNKNOWN],
  ],
])("%s is named, with nothing else", async (_name, broken, faults) => {
  const found = await faultsOf(await wallWith(broken));
  expect(found).toEqual(faults.map((fault) => expect.stringMatching(fault)));
});

test("a wall that is not there yet is waited for, with the first reason of each check", async () => {
  /** Gives these answers once each, then always the other one. */
  const firstly = (answers: Answer[], then: Answer) => () => answers.shift() ?? then;
  const url = await wallWith({
    "GET /": firstly([{ status: 522, body: "late" }, { status: 404 }], {
      headers: { "Content-Security-Policy": "default-src" },
      body: PAGE,
    }),
    "GET /api/status": firstly([{ status: 503, body: "late" }], { body: statusOf({}) }),
    "GET /api/health": firstly([{ status: 503, body: { reason: "away" } }], { body: { ok: true } }),
  });
  const waits: string[] = [];
  const results = await examine(url, {
    patience: { ...PATIENCE, shownMs: 10_000 },
    waits: ({ title, words }) => waits.push(`${title}: ${words}`),
  });
  expect(results.filter(({ isWell }) => !isWell)).toEqual([]);
  expect(waits).toEqual([
    expect.stringMatching(/^page: \/ answers 522/),
    expect.stringMatching(/^freshness: \/api\/status answers 503 without JSON/),
    expect.stringMatching(/^health: \/api\/health answers 503 away/),
  ]);
});

test("nobody at the address fails every check in one line each", async () => {
  const server = http.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const found = await faultsOf(`http://127.0.0.1:${port}`);
  expect(found).toHaveLength(11);
  expect(found[0]).toMatch(/^page: \/ does not answer \(fetch failed: .*ECONNREFUSED/);
});
