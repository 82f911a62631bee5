import { expect, test } from "vitest";
import { LIVE_SOCKETS_MAX } from "#schema/live/messages";
import type { Writer } from "../writer/writer";
import { LiveRoom, MESSAGES_PER_MINUTE } from "./room";
import { ManualClock, ScriptedHost, ScriptedSource } from "./testing";

function newRoom() {
  const source = new ScriptedSource();
  const host = new ScriptedHost();
  const clock = new ManualClock();
  const writer = { feed: source, beBuilt: async () => {} } as unknown as Writer;
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
  const open = async (network: string) => {
    const opened = await room.open({ wall: "main", since: source.cursor, network });
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
