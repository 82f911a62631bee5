import { expect, test } from "vitest";
import { ANSWERING_MAX, HERE_INTERVAL_MS, Hints } from "./hints";
import { ManualClock, ScriptedSocket } from "./testing";

const WAIT_MS = 150;

function newHints() {
  const clock = new ManualClock();
  const sockets: ScriptedSocket[] = [];
  const world = { bots: [] as string[] };
  const parts = {
    clock,
    browsers: () => sockets.filter(({ closed }) => closed === null),
    bots: () => world.bots,
    send: (to: readonly unknown[], messages: readonly unknown[]) => {
      for (const socket of to as ScriptedSocket[])
        for (const message of messages) socket.send(JSON.stringify(message));
    },
    waitMs: WAIT_MS,
  };
  let hints = new Hints(parts);
  return {
    clock,
    world,
    get hints() {
      return hints;
    },
    /** The object was evicted, and its sockets stayed open. */
    wake: () => {
      hints = new Hints(parts);
    },
    open: () => {
      const socket = new ScriptedSocket(`192.0.2.${sockets.length}`);
      sockets.push(socket);
      hints.opened(socket);
      return socket;
    },
    close: (socket: ScriptedSocket) => {
      socket.close(1000);
      hints.closed();
    },
    answering: (id: string, seconds: number) => {
      const until = seconds === 0 ? 0 : clock.now() + seconds * 1_000;
      hints.answering({ id, name: "ada", until });
      return { answering: { id, name: "ada", until } };
    },
  };
}

/** The messages since the last time. */
function heard(socket: ScriptedSocket): unknown[] {
  const { messages } = socket;
  socket.texts.length = 0;
  return messages;
}

test("a new browser is told how many are here, which bots are present and what is being answered", async () => {
  const { world, open, answering, clock } = newHints();
  world.bots = ["ada", "bob"];
  const begun = answering("1", 30);
  const first = open();
  expect(heard(first)).toEqual([{ here: 1 }, { bots: ["ada", "bob"] }, begun]);
  await clock.advance(60_000);
  expect(heard(first)).toEqual([]);
  expect(clock.pending).toBe(0);
});

test("the number of browsers is sent when it changed, at most every five seconds", async () => {
  const { open, close, clock } = newHints();
  const first = open();
  const others = [open(), open(), open()];
  heard(first);
  await clock.advance(WAIT_MS);
  expect(heard(first)).toEqual([{ here: 4 }]);
  for (const socket of others) close(socket);
  await clock.advance(HERE_INTERVAL_MS - WAIT_MS - 1);
  expect(heard(first)).toEqual([]);
  await clock.advance(WAIT_MS + 1);
  expect(heard(first)).toEqual([{ here: 1 }]);
  const late = open();
  close(late);
  await clock.advance(2 * HERE_INTERVAL_MS);
  expect(heard(first)).toEqual([]);
  expect(clock.pending).toBe(0);
});

test("a number that waits does not hold up the other hints", async () => {
  const { open, answering, clock } = newHints();
  const first = open();
  open();
  await clock.advance(WAIT_MS);
  open();
  await clock.advance(WAIT_MS);
  heard(first);
  const begun = answering("1", 30);
  await clock.advance(WAIT_MS);
  expect(heard(first)).toEqual([begun]);
  await clock.advance(HERE_INTERVAL_MS);
  expect(heard(first)).toEqual([{ here: 3 }]);
});

test("bots that come or go are sent once", async () => {
  const { world, hints, open, clock } = newHints();
  const socket = open();
  heard(socket);
  world.bots = ["ada"];
  hints.look();
  hints.look();
  await clock.advance(1_000);
  hints.look();
  await clock.advance(1_000);
  expect(heard(socket)).toEqual([{ bots: ["ada"] }]);
  world.bots = [];
  hints.look();
  await clock.advance(1_000);
  expect(heard(socket)).toEqual([{ bots: [] }]);
});

test("an answer that begins, goes on and ends is told to all, and expires without a message", async () => {
  const { open, answering, clock } = newHints();
  const socket = open();
  heard(socket);
  const begun = answering("1", 30);
  await clock.advance(WAIT_MS);
  expect(heard(socket)).toEqual([begun]);
  await clock.advance(10_000);
  const extended = answering("1", 30);
  await clock.advance(WAIT_MS);
  expect(heard(socket)).toEqual([extended]);
  const ended = answering("1", 0);
  answering("2", 5);
  await clock.advance(WAIT_MS);
  expect(heard(socket)).toMatchObject([ended, { answering: { id: "2" } }]);
  await clock.advance(5_000);
  const late = open();
  expect(heard(late)).toEqual([{ here: 2 }, { bots: [] }]);
});

test("an answer that ended before anybody was told of it is not mentioned", async () => {
  const { open, answering, clock } = newHints();
  const socket = open();
  heard(socket);
  answering("1", 30);
  answering("1", 0);
  await clock.advance(WAIT_MS);
  expect(heard(socket)).toEqual([]);
});

test("a browser that learned of an answer when it opened its channel is told that it ended", async () => {
  const { open, answering, clock } = newHints();
  open();
  answering("1", 30);
  const second = open();
  heard(second);
  const ended = answering("1", 0);
  await clock.advance(WAIT_MS);
  expect(heard(second)).toContainEqual(ended);
});

test("no more answers are kept than are shown", () => {
  const { open, answering } = newHints();
  for (let n = 0; n < 1_000; n += 1) answering(String(n), 30);
  expect(heard(open())).toHaveLength(2 + ANSWERING_MAX);
});

test("with 1,000 browsers and 50 busy bots, hints stay within their share", async () => {
  const { hints, open, clock } = newHints();
  const sockets = Array.from({ length: 1_000 }, open);
  for (const socket of sockets) heard(socket);
  const seconds = 60;
  for (let second = 0; second < seconds; second += 1) {
    for (let bot = 0; bot < 50; bot += 1) {
      const id = `${second}-${bot}`;
      hints.answering({ id, name: `bot-${bot}`, until: clock.now() + 2_000 });
      hints.answering({ id: `${second - 1}-${bot}`, name: `bot-${bot}`, until: 0 });
    }
    await clock.advance(1_000);
  }
  const sent = sockets.reduce((sum, { texts }) => sum + texts.length, 0);
  expect(sent / seconds).toBeGreaterThan(100);
  expect(sent / seconds).toBeLessThan(2_500);
});

test("after hibernation all browsers get the current state once, when the object next runs", async () => {
  const world = newHints();
  const socket = world.open();
  heard(socket);
  world.wake();
  world.world.bots = ["ada"];
  expect(world.clock.pending).toBe(0);
  world.hints.look();
  await world.clock.advance(WAIT_MS);
  expect(heard(socket)).toEqual([{ bots: ["ada"] }, { here: 1 }]);
});

test("nothing is planned while no browser listens, or after the end", async () => {
  const { world, hints, answering, open, clock } = newHints();
  world.bots = ["ada"];
  hints.look();
  answering("1", 30);
  expect(clock.pending).toBe(0);
  const socket = open();
  heard(socket);
  hints.end();
  world.bots = [];
  hints.look();
  await clock.advance(60_000);
  expect(heard(socket)).toEqual([]);
});
