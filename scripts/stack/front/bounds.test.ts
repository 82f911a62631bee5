import type http from "node:http";
import { Socket } from "node:net";
import { expect, test } from "vitest";
import { createFront } from "../front.mjs";
import { Clients, type Connection } from "./clients.mjs";
import {
  type Address,
  type Bounds,
  CountingPage,
  frontBefore,
  Held,
  type Served,
  sendRaw,
  serve,
  until,
} from "./testing";
import { Turns } from "./turns.mjs";

/** Linux has all of 127.0.0.0/8; other systems only its first address. */
const twoAddresses = test.skipIf(process.platform !== "linux");
const OTHER = "127.0.0.2";

const GET = "GET / HTTP/1.1\r\nHost: wall\r\n\r\n";
const LAST_GET = "GET / HTTP/1.1\r\nHost: wall\r\nConnection: close\r\n\r\n";
const SLOW_POST = "POST / HTTP/1.1\r\nHost: wall\r\nContent-Length: 100\r\n\r\nfour";
const SOON = { headersMs: 100, requestMs: 200, idleMs: 100, checkMs: 20 };

/** A front before a page that answers at once, and the page's request count. */
async function frontBeforeCounter(bounds?: Parameters<typeof createFront>[1]) {
  const page = new CountingPage();
  const to = await page.listen();
  return { page, front: await serve(createFront(() => to, bounds)) };
}

async function isServed(front: Address, from?: string) {
  return (await sendRaw(front, LAST_GET, { from })).startsWith("HTTP/1.1 200 ");
}

test.each([
  ["a body with only four bytes", SLOW_POST, 408],
  [
    "chunks without an end",
    "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfour\r\n",
    408,
  ],
  ["half a header", "GET / HTTP/1.1\r\nHos", 408],
  ["half a request line", "GE", 408],
  ["nothing at all", "", 408],
])(
  "%s: the client gets a timeout, and the page never sees the request",
  async (_, bytes, status) => {
    const { page, front } = await frontBeforeCounter(SOON);
    const held = new Held(front);
    await held.write(bytes);
    await held.gone;
    expect(held.received).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(held.received).toContain('"code":"request_timeout"');
    expect(page.connections).toBe(0);
  },
);

test("an idle connection is closed without a further answer", async () => {
  const { front } = await frontBeforeCounter({ idleMs: SOON.idleMs });
  const held = new Held(front);
  await held.write(GET);
  await held.gone;
  expect(held.received.match(/HTTP\/1\.1 /g)).toHaveLength(1);
  expect(held.received).toContain("200 OK");
});

twoAddresses(
  "the address with the most connections loses those that have waited longest",
  async () => {
    const { front } = await frontBeforeCounter({ connectionsMax: 4 });
    const calm = new Held(front, OTHER);
    await calm.write(GET);
    await until(() => calm.received.includes("ok"));
    const flood: Held[] = [];
    for (let count = 0; count < 6; count += 1) {
      const held = new Held(front);
      flood.push(held);
      await held.write(SLOW_POST);
    }
    await Promise.all(flood.slice(0, 3).map(({ gone }) => gone));
    // Two connections of another address: the flood has more, and gives way once more.
    expect(await isServed(front, OTHER)).toBe(true);
    await flood[3]?.gone;
    await calm.write(GET);
    await until(() => calm.received.split("200 OK").length === 3);
    expect(flood.map(({ closed }) => closed)).toEqual([true, true, true, true, false, false]);
  },
);

test("a connection with a request in progress outlives waiting ones", async () => {
  let answer = () => {};
  const asked = new Promise<void>((resolve) => {
    answer = resolve;
  });
  let release = () => {};
  const front = await frontBefore(
    (_, response) => {
      release = () => response.end("late");
      answer();
    },
    { connectionsMax: 3 },
  );
  const busy = new Held(front);
  await busy.write(GET);
  await asked;
  const waiting = [new Held(front), new Held(front), new Held(front)];
  await waiting[0]?.gone;
  release();
  await until(() => busy.received.includes("late"));
});

test("bodies are bounded over all connections: the largest is dropped", async () => {
  const { front, page } = await frontBeforeCounter({ heldBytesMax: 150_000 });
  const head = "POST / HTTP/1.1\r\nHost: wall\r\nContent-Length: 100001\r\n\r\n";
  const large = new Held(front);
  await large.write(head + "x".repeat(100_000));
  const small = new Held(front);
  await small.write(head + "x".repeat(60_000));
  await large.gone;
  await small.write(`${"x".repeat(40_001)}`);
  await until(() => small.received.includes("200 OK"));
  expect(page.requests.map(({ body }) => body.length)).toEqual([100_001]);
});

test("bytes of answered requests no longer count", async () => {
  const { front, page } = await frontBeforeCounter({ heldBytesMax: 150_000 });
  const post = `POST / HTTP/1.1\r\nHost: wall\r\nContent-Length: 100000\r\n\r\n${"x".repeat(100_000)}`;
  const held = new Held(front);
  for (let answered = 1; answered <= 5; answered += 1) {
    await held.write(post);
    await until(() => page.requests.length === answered);
    await until(() => held.received.split("200 OK").length === answered + 1);
  }
  expect(held.closed).toBe(false);
});

test.each([
  ["declared", "Content-Length: 2000", "x".repeat(2_000)],
  ["in chunks", "Transfer-Encoding: chunked", `7d0\r\n${"x".repeat(2_000)}\r\n0\r\n\r\n`],
  ["far too large", `Content-Length: ${12 * 1_024 * 1_024}`, "x".repeat(12 * 1_024 * 1_024)],
])("a body that is too large (%s) is refused and never passed on", async (_, header, body) => {
  const { front, page } = await frontBeforeCounter({ bodyMaxBytes: 1_000 });
  const held = new Held(front);
  await held.write(`POST / HTTP/1.1\r\nHost: wall\r\n${header}\r\n\r\n`);
  held.socket.write(body);
  await held.gone;
  expect(held.received).toMatch(/^HTTP\/1\.1 413 /);
  expect(held.received).toContain('"code":"body_too_large"');
  expect(page.connections).toBe(0);
});

test("a page that does not answer leads to 503 in time", async () => {
  const front = await frontBefore(() => {}, { answerMs: 100 });
  const answer = await sendRaw(front, LAST_GET);
  expect(answer).toMatch(/^HTTP\/1\.1 503 /);
  expect(answer).toMatch(/^Retry-After: 1\r$/m);
  expect(answer).toContain('"code":"unavailable"');
});

/** More than the sockets' buffers take from a client that does not read. */
const LARGE = Buffer.alloc(20 * 1_024 * 1_024);

/** A front whose page has been asked for the large answer by a client that reads nothing until it is resumed. */
async function frontWithDeafClient(bounds: Bounds) {
  let isAsked = false;
  const front = await frontBefore(({ url }, response) => {
    isAsked ||= url === "/large";
    response.end(url === "/large" ? LARGE : "small");
  }, bounds);
  const deaf = new Held(front);
  deaf.socket.pause();
  await deaf.write("GET /large HTTP/1.1\r\nHost: wall\r\nConnection: close\r\n\r\n");
  await until(() => isAsked);
  return { front, deaf };
}

/** Reads on only after the front has dropped the client: it would take a whole answer that is still offered. */
async function isCutShort(front: Served, deaf: Held) {
  await until(() => front.connections() === 0);
  deaf.socket.resume();
  await deaf.gone;
  return deaf.received.length < LARGE.length;
}

test("a client that does not read keeps nobody else waiting", async () => {
  const { front } = await frontWithDeafClient({ runtimeMax: 1 });
  expect(await isServed(front)).toBe(true);
});

test("a client that takes too long to read an answer is dropped", async () => {
  const { front, deaf } = await frontWithDeafClient({ takenMs: 100 });
  expect(await isCutShort(front, deaf)).toBe(true);
});

test("the answers that clients have not read yet are bounded in bytes", async () => {
  const { front, deaf } = await frontWithDeafClient({ heldBytesMax: 1_000_000 });
  expect(await isCutShort(front, deaf)).toBe(true);
  expect(await isServed(front)).toBe(true);
});

test("thousands of pipelined requests don't reach the page at once", async () => {
  const asked: http.ServerResponse[] = [];
  const front = await frontBefore((_, response) => asked.push(response), { aheadMax: 4 });
  const held = new Held(front);
  await held.write(GET.repeat(1_000));
  await held.gone;
  expect(asked.length).toBeLessThanOrEqual(4);
});

test("queued requests are dropped when their client disconnects", async () => {
  const asked: (string | undefined)[] = [];
  const answers: http.ServerResponse[] = [];
  const front = await frontBefore(
    ({ url }, response) => {
      asked.push(url);
      answers.push(response);
    },
    { runtimeMax: 1 },
  );
  const get = (path: string) =>
    `GET ${path} HTTP/1.1\r\nHost: wall\r\nConnection: close\r\nExpect: 100-continue\r\n\r\n`;
  const first = new Held(front);
  await first.write(get("/first"));
  await until(() => asked.length === 1);
  const leaving = new Held(front);
  await leaving.write(get("/leaving"));
  // The front has the request before the client leaves.
  await until(() => leaving.received.includes("100 Continue"));
  const server = new Held(front);
  await server.write(get("/last"));
  leaving.socket.destroy();
  await until(() => front.connections() === 2);
  answers[0]?.end();
  await until(() => asked.includes("/last"));
  expect(asked).not.toContain("/leaving");
});

test("bytes released for a connection that was dropped make no room for others", () => {
  const clients = new Clients({ connectionsMax: 10, heldBytesMax: 100 });
  const connect = () => {
    const socket = new Socket();
    clients.add(socket);
    return { socket, connection: clients.of(socket) as Connection };
  };
  const [first, second] = [connect(), connect()];
  clients.hold(first.connection, 101);
  clients.hold(first.connection, -101);
  clients.hold(second.connection, 101);
  expect([first.socket.destroyed, second.socket.destroyed]).toEqual([true, true]);
});

test("clients take turns", () => {
  const turns = new Turns(1);
  const started: string[] = [];
  const ends: (() => void)[] = [];
  const take = (client: string, name: string) =>
    ends.push(turns.take(client, () => started.push(name)));
  for (const name of ["a1", "a2", "a3", "a4"]) take("a", name);
  take("b", "b1");
  const gone = take("c", "c1") - 1;
  ends[gone]?.();
  for (let index = 0; index < 4; index += 1) {
    const running = started.at(-1) ?? "";
    ends[["a1", "a2", "a3", "a4", "b1"].indexOf(running)]?.();
    // A second call has no effect.
    ends[["a1", "a2", "a3", "a4", "b1"].indexOf(running)]?.();
  }
  expect(started).toEqual(["a1", "a2", "b1", "a3", "a4"]);
});
