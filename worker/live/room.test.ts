import { expect, test } from "vitest";
import { PRESENCE_MS } from "#schema/limits";
import {
  LIVE_SOCKETS_MAX,
  LIVE_SOCKETS_PER_NETWORK,
  LIVE_SOCKETS_PER_SITE,
} from "#schema/live/messages";
import type { LiveWriter } from "./follower";
import { LiveRoom, MESSAGES_PER_MINUTE } from "./room";
import { ManualClock, ScriptedHost, type ScriptedSocket, ScriptedSource } from "./testing";

function newRoom() {
  const source = new ScriptedSource();
  const host = new ScriptedHost();
  const clock = new ManualClock();
  const writer = { feed: source, beBuilt: async () => {} } as unknown as LiveWriter;
  const room = new LiveRoom({
    clock,
    log: () => () => {},
    host,
    writer: () => writer,
    noteSender: () => {},
    limits: () => ({ post: async () => true }),
    suffixes: { random: () => "0000000000", ofNonce: () => "0000000000" },
  });
  room.follow("main", writer, "sqlite");
  const open = async (network: string, bots?: string[]) => {
    const opened = await room.open({ wall: "main", since: source.cursor, network, bots });
    if (!opened.ok) throw new Error(opened.problem.detail);
    return opened.value;
  };
  return { room, host, source, clock, open };
}

test("a wall with all its sockets open refuses another one with 503", async () => {
  const { room, host, source } = newRoom();
  const note = { network: "192.0.2.1", seen: 0, refusals: 0 };
  for (let n = 0; n < LIVE_SOCKETS_MAX; n += 1) host.accept([], note);
  const refused = await room.open({ wall: "main", since: source.cursor, network: "192.0.2.2" });
  expect(refused).toMatchObject({
    ok: false,
    problem: { status: 503, code: "unavailable" },
    retryAfterSeconds: 60,
  });
  expect(room.status().refused).toEqual({ 503: 1 });
});

test("no tag of a socket shows an address", async () => {
  const { host, open } = newRoom();
  await open("192.0.2.1");
  await open("2001:db8:0:1");
  expect(host.sockets.map(({ tags }) => tags.length)).toEqual([1, 2]);
  expect(JSON.stringify(host.sockets.map(({ tags }) => tags))).not.toMatch(/192|2001/);
});

test("a socket that sends more messages than any page is closed", async () => {
  const { room, clock, open } = newRoom();
  const [fast, slow] = [await open("192.0.2.1"), await open("192.0.2.2")];
  const seen = JSON.stringify({ seen: "teststor.0" });
  for (let n = 0; n < MESSAGES_PER_MINUTE; n += 1) {
    await room.message(fast, seen);
    await room.message(slow, seen);
  }
  clock.time += 60_000;
  await room.message(slow, seen);
  expect(slow.closed).toBeNull();
  for (let n = 0; n <= MESSAGES_PER_MINUTE; n += 1) await room.message(fast, seen);
  expect(fast.closed).toBe(1008);
});

test("a message behind one that closed the socket is not taken", async () => {
  const { room, source, open } = newRoom();
  const socket = await open("192.0.2.1");
  await room.message(socket, "nonsense");
  await room.message(socket, JSON.stringify({ post: { nonce: "too-late-1", text: "hello" } }));
  expect(socket.closed).toBe(1008);
  expect(source.view.sequence).toBe(0);
  expect(room.status().messages).toBe(1);
});

test("a socket of a wall that was cleared is closed with 1012", async () => {
  const { host } = newRoom();
  const { socket } = host.accept([], { network: "192.0.2.1", seen: 0, refusals: 0 });
  const cleared = new LiveRoom({
    clock: new ManualClock(),
    log: () => () => {},
    host,
    writer: () => {
      throw new Error("the wall was cleared");
    },
    noteSender: () => {},
    limits: () => ({ post: async () => true }),
    suffixes: { random: () => "", ofNonce: () => "" },
  });
  await cleared.message(socket, JSON.stringify({ seen: "teststor.0" }));
  expect(socket.closed).toBe(1012);
});

/** The messages of a socket that are no frames. */
function hintsIn({ messages }: ScriptedSocket): unknown[] {
  return messages.filter((message) => !("since" in message));
}

test("a bot is present while its channel is open, is not counted as a browser, and gets no hints", async () => {
  const { room, clock, open } = newRoom();
  const browser = await open("192.0.2.1");
  const bot = await open("192.0.2.2", ["ada", "bob"]);
  await clock.advance(1_000);
  const { time } = clock;
  expect(room.bots).toEqual([
    { name: "ada", seenAt: time },
    { name: "bob", seenAt: time },
  ]);
  expect(hintsIn(browser)).toEqual([{ here: 1 }, { bots: [] }, { bots: ["ada", "bob"] }]);
  expect(bot.messages).toMatchObject([{ auditS: 60 }]);
  bot.close(1000);
  room.closed(bot, 1000);
  await clock.advance(1_000);
  expect(room.bots).toEqual([]);
  expect(hintsIn(browser).slice(3)).toEqual([{ bots: [] }]);
});

test("a bot that closes its channel is gone at once, though it polled before, unless it polls again", async () => {
  const { room, clock, open } = newRoom();
  const browser = await open("192.0.2.1");
  const bot = await open("192.0.2.2", ["ada"]);
  room.seen("ada");
  await clock.advance(1_000);
  room.closed(bot, 1006);
  bot.close(1006);
  room.seen("ada");
  await clock.advance(1_000);
  expect(hintsIn(browser).slice(2)).toEqual([{ bots: ["ada"] }]);
  const again = await open("192.0.2.2", ["ada"]);
  again.close(1000);
  room.closed(again, 1000);
  await clock.advance(1_000);
  expect(hintsIn(browser).slice(3)).toEqual([{ bots: [] }]);
});

test("a bot that stopped polling is noticed with the next change", async () => {
  const { room, clock, source, open } = newRoom();
  const browser = await open("192.0.2.1");
  room.seen("ada");
  await clock.advance(PRESENCE_MS + 1);
  expect(clock.pending).toBe(0);
  expect(hintsIn(browser).slice(2)).toEqual([{ bots: ["ada"] }]);
  source.put("hello");
  room.changed();
  await clock.advance(1_000);
  expect(hintsIn(browser).slice(3)).toEqual([{ bots: [] }]);
});

test("bots of one network are limited as browsers are, and not with other networks' bots", async () => {
  const { room, source, open } = newRoom();
  for (let n = 0; n < LIVE_SOCKETS_PER_SITE + 1; n += 1) await open(`192.0.2.${n}`, [`bot-${n}`]);
  for (let n = 1; n < LIVE_SOCKETS_PER_NETWORK; n += 1) await open("192.0.2.0", ["ada"]);
  const more = { wall: "main", since: source.cursor, network: "192.0.2.0", bots: ["ada"] };
  expect(await room.open(more)).toMatchObject({ ok: false, problem: { status: 429 } });
});

test("the end of an answer follows the frame with it", async () => {
  const { room, clock, source, open } = newRoom();
  const browser = await open("192.0.2.1");
  const begun = { id: "1", name: "ada", until: clock.now() + 30_000 };
  room.answering(begun);
  await clock.advance(1_000);
  browser.texts.length = 0;
  source.put("the answer");
  room.changed();
  room.answering({ ...begun, until: 0 });
  await clock.advance(1_000);
  expect(browser.messages).toMatchObject([
    { comments: [{ text: "the answer" }] },
    { answering: { id: "1", until: 0 } },
  ]);
});
