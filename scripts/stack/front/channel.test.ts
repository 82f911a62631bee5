/** The front passes upgrades of the live channel, and no others. */
import http from "node:http";
import type { Duplex } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import { createFront } from "../front.mjs";
import { type Bounds, Held, sendRaw, serve, until } from "./testing";

const UPGRADE = [
  "GET /api/live?since=abcdefgh.1 HTTP/1.1",
  "Host: wall",
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Extensions: permessage-deflate",
];
const asText = (lines: string[]) => [...lines, "", ""].join("\r\n");
const GRANTED = /^HTTP\/1\.1 101 /;

/** A front before a page that grants upgrades and sends back what it receives, in capitals. */
async function echoing(bounds?: Bounds) {
  const upgrades: http.IncomingMessage[] = [];
  const tubes: Duplex[] = [];
  const page = http.createServer((request, response) => {
    response.end(`plain ${request.method} ${request.headers.upgrade}`);
  });
  page.on("upgrade", (request, tube: Duplex) => {
    upgrades.push(request);
    tubes.push(tube);
    tube.on("error", () => {}).on("end", () => tube.end());
    tube.on("data", (chunk) => tube.write(String(chunk).toUpperCase()));
    tube.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n");
    tube.write("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\nhello");
  });
  const to = await serve(page);
  const server = createFront(() => to, bounds);
  const front = await serve(server);
  return { front, to, server, upgrades, tubes };
}

async function open(front: Parameters<typeof sendRaw>[0], rest = ""): Promise<Held> {
  const client = new Held(front);
  await client.write(asText(UPGRADE) + rest);
  await until(() => client.received.includes("hello"));
  return client;
}

test("an upgrade is joined with the page, in both directions, from the first byte", async () => {
  const { front, upgrades } = await echoing();
  const client = await open(front, "early");
  expect(client.received).toMatch(GRANTED);
  expect(client.received).toContain("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  await until(() => client.received.endsWith("helloEARLY"));
  await client.write("late");
  await until(() => client.received.endsWith("LATE"));
  expect(upgrades[0]?.headers).toMatchObject({
    host: "wall",
    "cf-connecting-ip": "127.0.0.1",
    "sec-websocket-version": "13",
  });
  // Compression costs more than it saves.
  expect(upgrades[0]?.headers["sec-websocket-extensions"]).toBeUndefined();
});

test("when either side ends, the other one ends", async () => {
  const { front, to, tubes } = await echoing();
  const first = await open(front);
  first.socket.destroy();
  await until(() => to.connections() === 0);
  const second = await open(front);
  tubes[1]?.end("last words");
  await second.gone;
  expect(second.received).toMatch(/last words$/);
});

test("a channel without a byte in either direction is closed", async () => {
  const { front, to } = await echoing({ channelIdleMs: 50 });
  const client = await open(front);
  await client.gone;
  await until(() => to.connections() === 0);
});

test("a client that does not read holds up only its own channel", async () => {
  const { front, to, tubes } = await echoing({ channelIdleMs: 300 });
  const client = await open(front);
  client.socket.pause();
  const flood = setInterval(() => tubes[0]?.write("x".repeat(1_000_000)), 1);
  onTestFinished(() => clearInterval(flood));
  await until(() => (tubes[0]?.writableLength ?? 0) > 8_000_000);
  // The front has stopped reading: the page's own buffer fills. Other channels work.
  const other = await open(front);
  await other.write("still here");
  await until(() => other.received.endsWith("STILL HERE"));
  clearInterval(flood);
  await until(() => to.connections() <= 1);
});

test("closing the front closes its channels", async () => {
  const { front, server } = await echoing();
  const client = await open(front);
  server.close();
  await client.gone;
});

test("beyond the bound of channels, and while the page is down, an upgrade gets 503", async () => {
  const { front } = await echoing({ channelsMax: 1 });
  await open(front);
  const refused = await sendRaw(front, asText(UPGRADE));
  expect(refused).toMatch(/^HTTP\/1\.1 503 /);
  expect(refused).toContain("Retry-After: 1");
  const down = await serve(createFront(() => null));
  expect(await sendRaw(down, asText(UPGRADE))).toMatch(/^HTTP\/1\.1 503 /);
});

test("a page that never answers an upgrade is given up", async () => {
  const page = http.createServer().on("upgrade", (_request, tube: Duplex) => {
    tube.on("end", () => tube.end()).resume();
  });
  const to = await serve(page);
  const front = await serve(createFront(() => to, { answerMs: 50 }));
  expect(await sendRaw(front, asText(UPGRADE))).toMatch(/^HTTP\/1\.1 503 [\s\S]*"unavailable"/);
  await until(() => to.connections() === 0);
});

test("a refused upgrade's answer reaches the client, and its connection closes", async () => {
  const page = http.createServer().on("upgrade", (_request, tube: Duplex) => {
    tube.end("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 60\r\nContent-Length: 2\r\n\r\n{}");
  });
  const to = await serve(page);
  const front = await serve(createFront(() => to));
  const answer = await sendRaw(front, asText(UPGRADE));
  expect(answer).toMatch(/^HTTP\/1\.1 429 [\s\S]*\r\n\r\n\{\}$/);
  expect(answer).toContain("Retry-After: 60");
});

test.each([
  ["another path", ["GET /api/comments HTTP/1.1", ...UPGRADE.slice(1)]],
  ["another method", ["PUT /api/live HTTP/1.1", ...UPGRADE.slice(1)]],
  ["another protocol", UPGRADE.map((line) => line.replace("websocket", "h2c"))],
])("an upgrade of %s is answered as a plain request, once", async (_title, lines) => {
  const { front, upgrades } = await echoing();
  const next = "GET /next HTTP/1.1\r\nHost: wall\r\n\r\n";
  const answer = await sendRaw(front, asText(lines) + next);
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  expect(answer.match(/plain [A-Z]+ undefined/g)).toHaveLength(1);
  expect(upgrades).toHaveLength(0);
});

test("an upgrade behind an unanswered request drops the connection", async () => {
  const { front, upgrades } = await echoing();
  await sendRaw(front, `GET / HTTP/1.1\r\nHost: wall\r\n\r\n${asText(UPGRADE)}`);
  expect(upgrades).toHaveLength(0);
});

test("an upgrade with an invalid Host is refused", async () => {
  const { front, upgrades } = await echoing();
  const lines = UPGRADE.map((line) => line.replace("Host: wall", "Host: wall, other"));
  expect(await sendRaw(front, asText(lines))).toMatch(/^HTTP\/1\.1 400 /);
  expect(upgrades).toHaveLength(0);
});
