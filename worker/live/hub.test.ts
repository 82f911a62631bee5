import { expect, test } from "vitest";
import { formatCursor, parseCursor } from "#schema/cursor";
import { LIVE_UNSEEN_MAX_BYTES } from "#schema/live/messages";
import { WallView } from "#schema/view/wall-view";
import { LiveCounts } from "./counts";
import { FRAME_MAX_BYTES, FRAMES_PER_SECOND_MAX, Hub } from "./hub";
import { ManualClock, ScriptedHost, ScriptedSource } from "./testing";

const INTERVAL_MS = 100;

function newHub({ source = new ScriptedSource(), host = new ScriptedHost() } = {}) {
  const clock = new ManualClock();
  const counts = new LiveCounts();
  const logged: string[] = [];
  const hub = new Hub({
    clock,
    log: (event) => logged.push(event),
    sockets: () => host.open(),
    source,
    counts,
    intervalMs: INTERVAL_MS,
    terms: { posts: true },
  });
  const join = (since = source.cursor, seen = since.sequence) => {
    const { socket } = host.accept([], { network: "192.0.2.1", seen, refusals: 0 });
    hub.welcome(socket, since);
    return socket;
  };
  const commit = (text: string) => {
    const comment = source.put(text);
    hub.changed();
    return comment;
  };
  return { clock, source, host, counts, hub, join, commit, logged };
}

/** The texts of comments that a page holds after these frames, polling when a frame starts beyond its cursor. */
function pageOf(messages: { since: string; cursor: string; comments: { text: string }[] }[]) {
  return messages.slice(1).map(({ since, cursor, comments }) => ({
    since: Number(since.split(".")[1]),
    cursor: Number(cursor.split(".")[1]),
    texts: comments.map(({ text }) => text),
  }));
}

test("the first change is sent at once, and what follows in batches", async () => {
  const { clock, join, commit } = newHub();
  const socket = join();
  commit("one");
  await clock.advance(0);
  expect(pageOf(socket.messages)).toEqual([{ since: 0, cursor: 1, texts: ["one"] }]);
  await clock.advance(10);
  commit("two");
  await clock.advance(10);
  commit("three");
  expect(clock.pending).toBe(1);
  await clock.advance(INTERVAL_MS - 21);
  expect(socket.messages).toHaveLength(2);
  await clock.advance(1);
  expect(pageOf(socket.messages)[1]).toEqual({ since: 1, cursor: 3, texts: ["two", "three"] });
});

test("every socket gets the same text", async () => {
  const { clock, join, commit } = newHub();
  const [first, second] = [join(), join()];
  commit("one");
  await clock.advance(0);
  expect(first?.texts[1]).toBe(second?.texts[1]);
});

test("nothing is sent within the call that commits", () => {
  const { join, commit } = newHub();
  const socket = join();
  commit("one");
  expect(socket.messages).toHaveLength(1);
});

test("no timer is left while there is nothing to send, or nobody to send it to", async () => {
  const { clock, host, join, commit } = newHub();
  commit("unheard");
  expect(clock.pending).toBe(0);
  const socket = join();
  commit("heard");
  await clock.advance(0);
  expect(clock.pending).toBe(0);
  host.sockets.length = 0;
  commit("unheard");
  expect(clock.pending).toBe(0);
  expect(socket.messages).toHaveLength(2);
});

test("the first frame answers the cursor of the request, and later frames start where the last one ended", async () => {
  const { clock, source, join, commit } = newHub();
  const start = source.cursor;
  commit("one");
  commit("two");
  const behind = join(start);
  expect(behind.messages[0]).toMatchObject({
    since: "teststor.0",
    cursor: "teststor.2",
    comments: [{ text: "one" }, { text: "two" }],
    gap: false,
    auditS: 60,
    posts: true,
  });
  commit("three");
  await clock.advance(0);
  expect(pageOf(behind.messages)).toEqual([{ since: 2, cursor: 3, texts: ["three"] }]);
});

test("a new incarnation does not repeat what the journal had when it started", async () => {
  const source = new ScriptedSource();
  source.put("sent by the last incarnation");
  const host = new ScriptedHost();
  const { socket } = host.accept([], { network: "192.0.2.1", seen: 1, refusals: 0 });
  const { clock, commit } = newHub({ source, host });
  commit("new");
  await clock.advance(0);
  expect(socket.messages).toMatchObject([{ since: "teststor.1", comments: [{ text: "new" }] }]);
});

test("a comment that is removed before its batch is sent leaves no text in it", async () => {
  const { clock, source, hub, join, commit } = newHub();
  const socket = join();
  commit("first");
  await clock.advance(0);
  const { id } = commit("secret");
  source.remove(id);
  hub.changed();
  await clock.advance(INTERVAL_MS);
  expect(socket.messages[2]).toMatchObject({ comments: [], removed: [id] });
  expect(socket.texts.join()).not.toContain("secret");
});

test("a restored wall tells sockets that their cursor is of another store", async () => {
  const { clock, source, hub, join } = newHub();
  const socket = join();
  source.view = new WallView("otherone", 7);
  hub.changed();
  await clock.advance(0);
  expect(socket.messages[1]).toMatchObject({
    since: "teststor.0",
    gap: true,
    cursor: "otherone.7",
  });
});

test("with many sockets the interval grows, but never beyond the interval of a poll", async () => {
  for (const [sockets, intervalMs] of [
    [FRAMES_PER_SECOND_MAX, 1_000],
    [10 * FRAMES_PER_SECOND_MAX, 5_000],
  ] as const) {
    const { clock, host, join, commit } = newHub();
    const socket = join();
    const rest = { socket, tags: [] };
    commit("one");
    await clock.advance(0);
    const { length } = socket.messages;
    // One socket stands for all: it is told as often as there are sockets.
    while (host.sockets.length < sockets) host.sockets.push(rest);
    commit("two");
    await clock.advance(intervalMs - 1);
    expect(socket.messages).toHaveLength(length);
    await clock.advance(1);
    expect(socket.messages.length).toBeGreaterThan(length);
  }
});

test("the audit is rarer the more sockets are open", () => {
  const { host, join } = newHub();
  for (let n = 0; n < 999; n += 1) host.accept([], { network: "192.0.2.1", seen: 0, refusals: 0 });
  expect(join().messages[0].auditS).toBe(350);
});

test("a socket that was opened on a small wall learns that audits became rarer", async () => {
  const { clock, host, join, commit } = newHub();
  const early = join();
  expect(early.messages[0].auditS).toBe(60);
  for (let n = 0; n < 999; n += 1) host.accept([], { network: "192.0.2.1", seen: 0, refusals: 0 });
  commit("one");
  await clock.advance(0);
  expect(early.messages[1].auditS).toBe(350);
});

test("a socket that throws is closed, and the others get the frame", async () => {
  const { clock, counts, join, commit } = newHub();
  const [broken, whole] = [join(), join()];
  broken.isBroken = true;
  expect(() => commit("one")).not.toThrow();
  await clock.advance(0);
  expect(broken.closed).toBe(1013);
  expect(whole.messages).toHaveLength(2);
  expect(counts.closed).toEqual({ 1013: 1 });
});

test("a socket that confirms nothing is closed, and one that does stays open", async () => {
  const { clock, source, hub, join, commit } = newHub();
  const [slow, live] = [join(), join()];
  let sent = 0;
  while (sent <= LIVE_UNSEEN_MAX_BYTES) {
    commit("x".repeat(1_000));
    await clock.advance(INTERVAL_MS);
    sent += live.texts.at(-1)?.length ?? 0;
    hub.seen(live, source.cursor.sequence);
  }
  expect(slow.closed).toBe(1013);
  expect(slow.texts.join("").length).toBeLessThanOrEqual(LIVE_UNSEEN_MAX_BYTES);
  expect(live.closed).toBeNull();
});

test("a page from far behind owes only what it was sent", async () => {
  const { clock, source, host, hub, join, commit } = newHub();
  const start = source.cursor;
  for (let sent = 0; sent < 4 * LIVE_UNSEEN_MAX_BYTES; sent += 700) source.put("x");
  const page = join(start, source.cursor.sequence);
  expect(page.messages[0].more).toBe(true);
  hub.seen(page, parseCursor(page.messages[0].cursor)?.sequence ?? 0);
  commit("one");
  await clock.advance(0);
  expect(page.closed).toBeNull();
  host.hibernate();
  const after = newHub({ source, host });
  after.commit("two");
  await after.clock.advance(0);
  expect(page.closed).toBeNull();
});

test("the bytes that a socket owes survive hibernation", async () => {
  const source = new ScriptedSource();
  const before = newHub({ source });
  const slow = before.join();
  for (let sent = 0; sent < LIVE_UNSEEN_MAX_BYTES; sent += 700) source.put("x");
  before.host.hibernate();
  const after = newHub({ source, host: before.host });
  after.commit("one");
  await after.clock.advance(0);
  expect(slow.closed).toBe(1013);
});

test("a burst that is too much for a frame comes in several, and no page has to poll", async () => {
  const { clock, source, hub, join } = newHub();
  const socket = join();
  for (let n = 0; n < 40; n += 1) source.put(`${n} ${"😀".repeat(1_000)}`);
  hub.changed();
  await clock.advance(0);
  await clock.advance(INTERVAL_MS);
  await clock.advance(INTERVAL_MS);
  const frames = pageOf(socket.messages);
  expect(frames.length).toBeGreaterThan(1);
  for (const [index, { since }] of frames.entries())
    expect(since).toBe(frames[index - 1]?.cursor ?? 0);
  expect(frames.flatMap(({ texts }) => texts)).toHaveLength(40);
  expect(socket.messages.some(({ more }) => more)).toBe(false);
  for (const text of socket.texts)
    expect(new TextEncoder().encode(text).length).toBeLessThanOrEqual(FRAME_MAX_BYTES);
  expect(socket.closed).toBeNull();
  expect(clock.pending).toBe(0);
});

test("a page from far behind is told to poll, and nothing is serialised for it alone", () => {
  const { source, join } = newHub();
  const start = source.cursor;
  for (let n = 0; n < 100; n += 1) source.put("x".repeat(1_000));
  const page = join(start);
  expect(page.messages[0]).toMatchObject({ comments: [], more: true, posts: true });
  expect(page.messages[0].cursor).toBe(formatCursor(start));
});

test("a frame is bounded, and one that ends early says so", async () => {
  const { clock, source, hub, join, commit } = newHub();
  const socket = join();
  for (let n = 0; n < 499; n += 1) source.put("é".repeat(1_000));
  hub.changed();
  await clock.advance(0);
  const [, frame] = socket.messages;
  expect(frame.more).toBe(true);
  expect(new TextEncoder().encode(socket.texts[1]).length).toBeLessThanOrEqual(FRAME_MAX_BYTES);
  // The page polls; the next frame starts at the newest change.
  commit("next");
  await clock.advance(INTERVAL_MS);
  expect(socket.messages[2].since).toBe("teststor.499");
});

test("a rebuild sends a frame without changes", () => {
  const { source, hub, join } = newHub();
  const socket = join();
  source.rebuiltAt += 3_000;
  hub.rebuilt();
  expect(socket.messages[1]).toMatchObject({
    since: formatCursor(source.cursor),
    comments: [],
    removed: [],
    rebuiltAt: source.rebuiltAt,
  });
});

test("a frame without changes does not delay the next change", async () => {
  const { clock, hub, join, commit } = newHub();
  const socket = join();
  hub.rebuilt();
  commit("one");
  await clock.advance(0);
  expect(socket.messages).toHaveLength(3);
});

test("a batch is committed before it is sent; when that fails, the next one brings it", async () => {
  const { clock, source, hub, join, logged } = newHub();
  const socket = join();
  source.onCommit = () => {
    throw new Error("SQLITE_FULL");
  };
  hub.changed();
  await clock.advance(0);
  expect(socket.messages).toHaveLength(1);
  expect(logged).toEqual(["batch not committed"]);
  source.onCommit = () => {
    source.put("noticed");
    source.onCommit = () => {};
  };
  hub.changed();
  await clock.advance(INTERVAL_MS);
  expect(pageOf(socket.messages)).toEqual([{ since: 0, cursor: 1, texts: ["noticed"] }]);
});

test("a clock that is set back delays no frame", async () => {
  const { clock, join, commit } = newHub();
  const socket = join();
  commit("one");
  await clock.advance(0);
  clock.time -= 60_000;
  commit("two");
  await clock.advance(INTERVAL_MS);
  expect(socket.messages).toHaveLength(3);
});

test("an ended hub closes its sockets and sends nothing more", async () => {
  const { clock, hub, join, commit } = newHub();
  const socket = join();
  commit("one");
  hub.end(1012, "cleared");
  await clock.advance(INTERVAL_MS);
  expect(socket.closed).toBe(1012);
  expect(socket.messages).toHaveLength(1);
});
