import { beforeEach, describe, expect, test, vi } from "vitest";
import type { Comment } from "#schema/comment";
import { makeId } from "#schema/id";
import {
  CLOSE,
  CLOSE_MISSED,
  LIVE_PING_AFTER_MS,
  LIVE_SEEN_EVERY_BYTES,
  LIVE_SILENCE_MAX_MS,
} from "#schema/live/messages";
import type { Read } from "#schema/read";
import { ApiError } from "../api/request";
import type { ReadAnswer } from "../wall/api";
import { Wall, type WallOptions } from "../wall/wall";
import { Channel, FIRST_FRAME_WITHIN_MS, IN_STEP_WITHIN_MS, type Socket } from "./channel";
import { POST_ANSWER_WITHIN_MS } from "./posts";
import { NEVER_LIVE_MAX_MS, RECONNECT_MAX_MS } from "./reconnect";

const START = 1_763_900_000_000;
const AUDIT_S = 60;
const STORE = "aaaaaaaa";

/** Clocks and timers that the test moves. Both clocks move together, unless it sets one. */
class Clock {
  now = START;
  monotonic = 0;
  #timers: { due: number; callback: () => void }[] = [];

  readonly after = (ms: number, callback: () => void) => {
    const timer = { due: this.monotonic + ms, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  };

  get pending() {
    return this.#timers.length;
  }

  /** Passes time, timer by timer, and lets promises settle at each. */
  async pass(ms: number) {
    const end = this.monotonic + ms;
    for (;;) {
      await settled();
      const next = this.#timers.filter(({ due }) => due <= end).sort((a, b) => a.due - b.due)[0];
      if (!next) break;
      this.#move(Math.max(next.due, this.monotonic));
      this.#timers = this.#timers.filter((one) => one !== next);
      next.callback();
    }
    this.#move(end);
  }

  #move(monotonic: number) {
    this.now += monotonic - this.monotonic;
    this.monotonic = monotonic;
  }
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A socket whose other end is the test. */
class ScriptedSocket {
  readyState = 1;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  readonly sent: string[] = [];
  readonly since: string;
  /** Answers pings, as the runtime does. */
  answersPings = true;

  closedWith: number | undefined;

  constructor(since: string) {
    this.since = since;
  }

  send(text: string) {
    this.sent.push(text);
    if (text === "ping" && this.answersPings) queueMicrotask(() => this.say("pong"));
  }

  close(code?: number) {
    this.readyState = 3;
    this.closedWith = code;
  }

  say(message: unknown) {
    this.onmessage?.({ data: typeof message === "string" ? message : JSON.stringify(message) });
  }

  /** Ends as the network or the wall would end it. */
  drop(code = 1006) {
    this.readyState = 3;
    this.onclose?.({ code });
  }

  get pings() {
    return this.sent.filter((text) => text === "ping").length;
  }

  messages() {
    return this.sent.filter((text) => text !== "ping").map((text) => JSON.parse(text));
  }
}

/** The wall's truth: comments by sequence, 1 at index 0; a removal is an id. */
let changes: (Comment | string)[];
const cursorAt = (sequence: number, store = STORE) => `${store}.${sequence}`;

function comment(index: number, more: Partial<Comment> = {}): Comment {
  return {
    id: makeId(START + index, String(index).padStart(10, "0")),
    timestamp: START + index,
    text: `message ${index}`,
    username: "ada",
    color: "#55c2f5",
    type: "human",
    botParams: { processed: false },
    ...more,
  };
}

function between(from: number, to: number): Read {
  const part = changes.slice(from, to);
  const removed = part.filter((change) => typeof change === "string");
  const comments = part
    .filter((change) => typeof change !== "string")
    .filter(({ id }) => !removed.includes(id));
  return { comments, removed, cursor: cursorAt(to), rebuiltAt: START, gap: false };
}

const frame = (from: number, to: number, more: object = {}) => ({
  since: cursorAt(from),
  ...between(from, to),
  ...more,
});
const first = (from: number, to = from, more: object = {}) =>
  frame(from, to, { auditS: AUDIT_S, posts: true, ...more });

function setUp() {
  const clock = new Clock();
  const sockets: ScriptedSocket[] = [];
  const visible = { yes: true };
  const random = { value: 1 - Number.EPSILON };
  const read = vi.fn<WallOptions["read"]>(async ({ since }): Promise<ReadAnswer> => {
    const from = since?.startsWith(STORE) ? Number(since.split(".")[1]) : undefined;
    const foreign = since !== undefined && from === undefined;
    const answer = foreign
      ? { ...between(0, 0), cursor: cursorAt(changes.length), gap: true }
      : between(from ?? 0, changes.length);
    return { read: answer, rebuiltAt: START, etag: null, answeredAt: null };
  });
  const overHttp = vi.fn<WallOptions["post"]>(async (draft) => comment(900, draft as Comment));
  const nonces = Array.from({ length: 9 }, (_, index) => `nonce-${index + 1}`);
  const wall = new Wall({
    read,
    readHistory: vi.fn(),
    post: overHttp,
    now: () => clock.now,
    isOnline: () => true,
    random: () => 0,
    makeNonce: () => nonces.shift() ?? "",
  });
  const asked = vi.fn(() => void wall.poll().catch(() => {}));
  const channel = new Channel({
    open: (since) => {
      const socket = new ScriptedSocket(since);
      sockets.push(socket);
      return socket as unknown as Socket;
    },
    wall,
    pollNow: asked,
    isVisible: () => visible.yes,
    now: () => clock.now,
    monotonic: () => clock.monotonic,
    after: clock.after,
    random: () => random.value,
  });
  wall.live = channel;
  const socket = () => {
    const newest = sockets.at(-1);
    if (!newest) throw new Error("no socket was opened");
    return newest;
  };
  /** Reads once, connects, and gets the first frame. */
  const goLive = async (more: object = {}) => {
    await wall.poll();
    channel.start();
    socket().say(first(changes.length, changes.length, more));
    expect(channel.vouches()).toBe(true);
    read.mockClear();
  };
  /** A change that only HTTP or a frame brings to the page. */
  const add = (change: Comment | string) => {
    changes.push(change);
    return changes.length;
  };
  const shown = () => wall.store.snapshot().comments.map(({ text }) => text);
  return {
    clock,
    sockets,
    socket,
    visible,
    random,
    read,
    overHttp,
    wall,
    asked,
    channel,
    goLive,
    add,
    shown,
  };
}

beforeEach(() => {
  changes = [comment(1), comment(2)];
});

describe("while the channel is live", () => {
  test("a frame shows its message, and polls make no request", async () => {
    const { clock, goLive, socket, add, shown, wall, read } = setUp();
    await goLive();
    socket().say(frame(2, add(comment(3))));
    expect(shown()).toEqual(["message 1", "message 2", "message 3"]);
    for (let seconds = 0; seconds < 50; seconds += 5) {
      await clock.pass(5_000);
      await wall.poll();
      expect(wall.isLive(clock.now)).toBe(true);
      expect(wall.freshness.ageMs(clock.now)).toBe(0);
    }
    expect(read).not.toHaveBeenCalled();
  });

  test("it opens from the page's cursor, and only once the page has one", async () => {
    const { channel, sockets, wall, socket } = setUp();
    channel.start();
    expect(sockets).toHaveLength(0);
    await wall.poll();
    expect(socket().since).toBe(cursorAt(2));
    expect(channel.vouches()).toBe(false);
  });

  test("it pings after 10 s of silence, and only then", async () => {
    const { clock, goLive, socket } = setUp();
    await goLive();
    await clock.pass(LIVE_PING_AFTER_MS - 1);
    expect(socket().pings).toBe(0);
    await clock.pass(1);
    expect(socket().pings).toBe(1);
    await clock.pass(LIVE_PING_AFTER_MS - 1);
    expect(socket().pings).toBe(1);
    await clock.pass(1);
    expect(socket().pings).toBe(2);
  });

  test("a pong proves only the wire: after the time for an audit a poll reads again", async () => {
    const { clock, goLive, channel, wall, read, sockets } = setUp();
    await goLive();
    await clock.pass(AUDIT_S * 1_000 - 1);
    expect(channel.vouches()).toBe(true);
    await clock.pass(1);
    expect(channel.vouches()).toBe(false);
    await wall.poll();
    expect(read).toHaveBeenCalledTimes(1);
    expect(channel.vouches()).toBe(true);
    expect(sockets).toHaveLength(1);
  });

  test("a later frame makes audits rarer, or more frequent again", async () => {
    const { clock, goLive, channel, socket } = setUp();
    await goLive();
    socket().say(frame(2, 2, { auditS: 4 * AUDIT_S }));
    await clock.pass(4 * AUDIT_S * 1_000 - 1);
    expect(channel.vouches()).toBe(true);
    socket().say(frame(2, 2));
    expect(channel.vouches()).toBe(true);
    socket().say(frame(2, 2, { auditS: AUDIT_S }));
    expect(channel.vouches()).toBe(false);
  });

  test("an audit answered from the spare proves nothing, so the page keeps reading", async () => {
    const { clock, goLive, channel, wall, read } = setUp();
    await goLive();
    await clock.pass(AUDIT_S * 1_000);
    const spare: Read = { ...between(2, 2), spare: true };
    const answer = { read: spare, rebuiltAt: START, etag: '"spare"', answeredAt: null };
    read.mockResolvedValueOnce(answer);
    await wall.poll();
    expect(channel.vouches()).toBe(false);
    // Unchanged since then, so it is the spare's still.
    read.mockResolvedValueOnce({ ...answer, read: null });
    await wall.poll();
    expect(channel.vouches()).toBe(false);
    await wall.poll();
    expect(read).toHaveBeenCalledTimes(3);
    expect(channel.vouches()).toBe(true);
  });

  test("on kv, 10 s without a frame end the vouching, and the next frame resumes it", async () => {
    const { clock, goLive, channel, socket } = setUp();
    await goLive({ beatS: 3 });
    await clock.pass(9_999);
    expect(channel.vouches()).toBe(true);
    await clock.pass(1);
    expect(socket().pings).toBe(1);
    expect(channel.vouches()).toBe(false);
    socket().say(frame(2, 2, { rebuiltAt: START + 1 }));
    expect(channel.vouches()).toBe(true);
  });

  test("on kv, a frame that tells of no newer rebuild does not vouch, unless the object's clock was set back", async () => {
    const { clock, goLive, channel, socket } = setUp();
    await goLive({ beatS: 3 });
    await clock.pass(10_000);
    // The network brings the last frame again.
    socket().say(frame(2, 2));
    expect(channel.vouches()).toBe(false);
    socket().say(frame(2, 2, { rebuiltAt: START - 3_600_000 }));
    expect(channel.vouches()).toBe(true);
  });

  test("an audit that finds what no frame brought closes the channel, which polls until it is live again", async () => {
    const { clock, goLive, add, channel, wall, sockets, socket, shown, read } = setUp();
    await goLive();
    await clock.pass(AUDIT_S * 1_000);
    add(comment(3));
    await wall.poll();
    expect(shown()).toContain("message 3");
    expect(channel.vouches()).toBe(false);
    await clock.pass(IN_STEP_WITHIN_MS);
    expect(sockets[0]?.readyState).toBe(3);
    expect(channel.counts.missed).toBe(1);
    expect(sockets[0]?.closedWith).toBe(CLOSE_MISSED);
    const before = read.mock.calls.length;
    await wall.poll();
    expect(read.mock.calls.length).toBe(before + 1);
    while (socket().readyState !== 1) await clock.pass(1_000);
    socket().say(first(3));
    expect(channel.vouches()).toBe(true);
  });

  test("an audit that is faster than a frame changes nothing", async () => {
    const { clock, goLive, add, channel, wall, sockets, socket, shown } = setUp();
    await goLive();
    await clock.pass(AUDIT_S * 1_000);
    add(comment(3));
    await wall.poll();
    await clock.pass(IN_STEP_WITHIN_MS / 2);
    socket().say(frame(2, 3));
    expect(channel.vouches()).toBe(true);
    await clock.pass(IN_STEP_WITHIN_MS);
    expect(sockets).toHaveLength(1);
    expect(channel.counts.missed).toBe(0);
    expect(shown()).toEqual(["message 1", "message 2", "message 3"]);
  });

  test("it confirms what arrived after each 64 KB, in bytes", async () => {
    const { goLive, socket, add } = setUp();
    await goLive();
    // Three bytes a character.
    const text = "語".repeat(1_000);
    let bytes = 0;
    for (let sent = 0; sent < 50; sent += 1) {
      const to = add(comment(sent + 3, { text }));
      const said = JSON.stringify(frame(to - 1, to));
      bytes += new TextEncoder().encode(said).length;
      socket().say(said);
    }
    const seen = socket().messages();
    expect(bytes).toBeGreaterThan(2 * LIVE_SEEN_EVERY_BYTES);
    expect(seen).toHaveLength(Math.floor(bytes / LIVE_SEEN_EVERY_BYTES));
    for (const message of seen) expect(message.seen).toMatch(/^aaaaaaaa\.\d+$/);
  });

  test("unreadable and unknown messages are counted, and the socket stays", async () => {
    const { goLive, socket, sockets, channel, add, shown } = setUp();
    await goLive();
    for (const message of ["{", "[]", "null", "7", { news: 1 }, { posted: 7 }])
      socket().say(message);
    socket().onmessage?.({ data: new ArrayBuffer(8) });
    expect(channel.counts.unreadable).toBe(7);
    for (const hint of [{ here: 3 }, { bots: ["eliza"] }]) socket().say(hint);
    expect(channel.counts.unreadable).toBe(7);
    expect(channel.vouches()).toBe(true);
    socket().say(frame(2, add(comment(3)), { fieldOfALaterRelease: true }));
    expect(shown()).toContain("message 3");
    expect(sockets).toHaveLength(1);
  });

  test("a frame that the page can't read leads to a poll", async () => {
    const { goLive, socket, channel, add, shown, read } = setUp();
    await goLive();
    const to = add(comment(3));
    socket().say({ ...frame(2, to), comments: [{ ...comment(3), type: "ghost" }] });
    expect(channel.vouches()).toBe(false);
    await settled();
    expect(read).toHaveBeenCalledTimes(1);
    expect(shown()).toContain("message 3");
    expect(channel.vouches()).toBe(true);
  });
});

describe("clocks", () => {
  test.each([
    ["slept, and only the clock counted it", { now: LIVE_SILENCE_MAX_MS }],
    ["is set back", { now: -3_600_000 }],
    ["is set ahead", { now: 3_600_000 }],
    ["stands still while time passes", { monotonic: LIVE_SILENCE_MAX_MS }],
  ])(
    "when the machine's clock %s, the channel vouches again only after the wall's word",
    async (_, step) => {
      const { clock, goLive, channel, wall, read, socket } = setUp();
      await goLive();
      clock.now += "now" in step ? step.now : 0;
      clock.monotonic += "monotonic" in step ? step.monotonic : 0;
      expect(channel.vouches()).toBe(false);
      await wall.poll();
      expect(read).toHaveBeenCalledTimes(1);
      socket().say("pong");
      expect(channel.vouches()).toBe(true);
    },
  );

  test("a correction by less than a second changes nothing", async () => {
    const { clock, goLive, channel } = setUp();
    await goLive();
    clock.now -= 500;
    expect(channel.vouches()).toBe(true);
  });
});

describe("when frames are not in step with the page", () => {
  test("a missing frame leads to one poll", async () => {
    const { goLive, socket, add, shown, asked, channel } = setUp();
    await goLive();
    add(comment(3));
    socket().say(frame(3, add(comment(4))));
    expect(channel.vouches()).toBe(false);
    await settled();
    expect(shown()).toEqual(["message 1", "message 2", "message 3", "message 4"]);
    expect(channel.vouches()).toBe(true);
    expect(asked).toHaveBeenCalledTimes(1);
  });

  test("a gap leads to a poll", async () => {
    const { wall, channel, socket, add, shown, asked } = setUp();
    await wall.poll();
    channel.start();
    add(comment(3));
    add(comment(4));
    socket().say({ ...first(2, 2, { gap: true }), cursor: cursorAt(4) });
    expect(channel.vouches()).toBe(false);
    await settled();
    expect(asked).toHaveBeenCalledTimes(1);
    expect(shown()).toContain("message 4");
    expect(channel.vouches()).toBe(true);
  });

  test("changes that exceed a frame are read with the next poll, not by all pages at once", async () => {
    const { wall, goLive, channel, socket, sockets, add, shown, asked } = setUp();
    await goLive();
    add(comment(3));
    add(comment(4));
    socket().say(frame(2, 3, { more: true }));
    socket().say(frame(4, add(comment(5))));
    expect(channel.vouches()).toBe(false);
    await settled();
    expect(asked).not.toHaveBeenCalled();
    await wall.poll();
    expect(shown().slice(-3)).toEqual(["message 3", "message 4", "message 5"]);
    expect(channel.vouches()).toBe(true);
    expect(sockets).toHaveLength(1);
  });

  test("after a first frame that left changes out, the page continues on a new socket", async () => {
    const { wall, channel, socket, sockets, add, shown, asked } = setUp();
    await wall.poll();
    channel.start();
    add(comment(3));
    add(comment(4));
    socket().say(first(2, 3, { more: true }));
    expect(channel.vouches()).toBe(false);
    await settled();
    expect(asked).not.toHaveBeenCalled();
    await wall.poll();
    expect(shown()).toContain("message 4");
    expect(sockets).toHaveLength(2);
    expect(socket().since).toBe(cursorAt(4));
    socket().say(first(4));
    expect(channel.vouches()).toBe(true);
  });

  test("frames twice, late and out of order show each message once", async () => {
    const { goLive, socket, add, shown, asked, channel } = setUp();
    await goLive();
    const third = frame(2, add(comment(3)));
    const fourth = frame(3, add(comment(4)));
    for (const message of [third, third, fourth, third]) socket().say(message);
    expect(shown()).toEqual(["message 1", "message 2", "message 3", "message 4"]);
    expect(channel.vouches()).toBe(true);
    expect(asked).not.toHaveBeenCalled();
  });

  test("on kv, late frames don't vouch", async () => {
    const { clock, goLive, socket, add, channel } = setUp();
    const third = frame(1, 2);
    await goLive({ beatS: 3 });
    socket().say(frame(2, add(comment(3))));
    await clock.pass(10_000);
    socket().say(third);
    expect(channel.vouches()).toBe(false);
  });

  test("frames of another store lead to one poll, and the channel reconnects", async () => {
    const { clock, goLive, socket, sockets, wall, shown, asked, channel } = setUp();
    await goLive();
    const foreign = (sequence: number) => ({
      ...frame(2, 2),
      since: cursorAt(sequence, "bbbbbbbb"),
      cursor: cursorAt(sequence + 1, "bbbbbbbb"),
      comments: [comment(50 + sequence)],
    });
    for (const sequence of [1, 2, 3]) socket().say(foreign(sequence));
    await settled();
    expect(asked).toHaveBeenCalledTimes(1);
    expect(shown()).toEqual(["message 1", "message 2"]);
    expect(wall.store.cursor).toBe(cursorAt(2));
    expect(channel.vouches()).toBe(false);
    await clock.pass(IN_STEP_WITHIN_MS);
    expect(sockets[0]?.readyState).toBe(3);
    expect(channel.counts.missed).toBe(0);
  });

  test("a removed message never comes back, whatever frame or read comes late", async () => {
    const { goLive, socket, add, shown, wall, read } = setUp();
    await goLive();
    const added = frame(2, add(comment(3)));
    const late = between(0, 3);
    const removal = frame(3, add(comment(3).id));
    socket().say(removal);
    socket().say(added);
    await settled();
    expect(shown()).toEqual(["message 1", "message 2"]);
    read.mockResolvedValueOnce({ read: late, rebuiltAt: START, etag: null, answeredAt: null });
    wall.live = null;
    await wall.poll();
    socket().say(added);
    expect(shown()).toEqual(["message 1", "message 2"]);
  });
});

describe("when the socket is lost", () => {
  test("the page polls at once, then on its own until the channel is live again", async () => {
    const { clock, goLive, socket, sockets, asked, channel, add, shown } = setUp();
    await goLive();
    add(comment(3));
    socket().drop();
    expect(asked).toHaveBeenCalledTimes(1);
    await settled();
    expect(shown()).toContain("message 3");
    expect(channel.vouches()).toBe(false);
    // Reconnects that fail don't poll.
    for (let attempt = 2; attempt <= 4; attempt += 1) {
      await clock.pass(60_000);
      socket().drop();
    }
    while (socket().readyState !== 1) await clock.pass(1_000);
    expect(sockets.length).toBeGreaterThan(3);
    expect(asked).toHaveBeenCalledTimes(1);
    expect(socket().since).toBe(cursorAt(3));
    socket().say(first(3));
    expect(channel.vouches()).toBe(true);
  });

  test("a socket that dies again and again costs no more polls than none", async () => {
    const { clock, goLive, socket, sockets, asked } = setUp();
    await goLive();
    for (let loss = 0; loss < 4; loss += 1) {
      socket().drop();
      while (socket().readyState !== 1) await clock.pass(1_000);
      socket().say(first(2));
      await clock.pass(60_000);
    }
    // Each stayed live for a minute, so each loss is a first one.
    expect(asked).toHaveBeenCalledTimes(4);
    asked.mockClear();
    socket().drop();
    expect(asked).toHaveBeenCalledTimes(1);
    asked.mockClear();
    for (let loss = 0; loss < 4; loss += 1) {
      const before = sockets.length;
      while (sockets.length === before) await clock.pass(1_000);
      socket().say(first(2));
      socket().drop();
    }
    expect(asked).not.toHaveBeenCalled();
  });

  test("reconnects wait longer and longer, up to a bound, and anywhere in between", async () => {
    const { clock, goLive, socket, sockets, random } = setUp();
    await goLive();
    const waits: number[] = [];
    for (let loss = 0; loss < 9; loss += 1) {
      const [before, from] = [sockets.length, clock.monotonic];
      socket().drop();
      while (sockets.length === before) await clock.pass(500);
      waits.push(Math.round((clock.monotonic - from) / 1_000));
    }
    expect(waits).toEqual([4, 8, 16, 32, 64, 128, 256, 300, 300]);
    random.value = 0;
    const before = sockets.length;
    socket().drop();
    await clock.pass(0);
    expect(sockets).toHaveLength(before + 1);
  });

  test("one that dies silently stops vouching 25 s after its last word, and is replaced", async () => {
    const { clock, goLive, socket, sockets, channel, asked } = setUp();
    await goLive();
    socket().answersPings = false;
    await clock.pass(LIVE_SILENCE_MAX_MS - 1);
    expect(channel.vouches()).toBe(true);
    await clock.pass(1);
    expect(channel.vouches()).toBe(false);
    expect(asked).toHaveBeenCalledTimes(1);
    expect(sockets[0]?.readyState).toBe(3);
    await clock.pass(RECONNECT_MAX_MS);
    expect(sockets.length).toBeGreaterThan(1);
  });

  test("a hidden page reconnects without a poll, and its first frame brings what it missed", async () => {
    const { clock, goLive, socket, sockets, asked, visible, add, shown } = setUp();
    await goLive();
    visible.yes = false;
    socket().drop();
    add(comment(3));
    while (sockets.length < 2) await clock.pass(500);
    socket().say(first(2, 3));
    expect(shown()).toContain("message 3");
    expect(asked).not.toHaveBeenCalled();
  });

  test.each([
    ["full", CLOSE.tryAgainLater],
    ["rejecting this page's messages", CLOSE.violation],
  ])("a wall that is %s is asked again only after longer", async (_, code) => {
    const { clock, goLive, socket, sockets } = setUp();
    await goLive();
    socket().drop(code);
    await clock.pass(30_000);
    expect(sockets).toHaveLength(1);
    await clock.pass(10_000);
    expect(sockets).toHaveLength(2);
  });
});

describe("without a channel", () => {
  test("a refused socket leaves the polls alone and is tried ever more rarely", async () => {
    const { clock, wall, channel, sockets, socket, asked, read } = setUp();
    await wall.poll();
    channel.start();
    const opened: number[] = [];
    for (let hours = 0; hours < 24; hours += 1) {
      for (let minute = 0; minute < 60; minute += 1) {
        if (socket().readyState === 1) socket().drop();
        await clock.pass(60_000);
      }
      opened.push(sockets.length);
    }
    expect(opened[0]).toBeLessThanOrEqual(8);
    expect((opened[23] ?? 0) - (opened[22] ?? 0)).toBeLessThanOrEqual(
      3_600_000 / NEVER_LIVE_MAX_MS,
    );
    expect(asked).not.toHaveBeenCalled();
    read.mockClear();
    await wall.poll();
    expect(read).toHaveBeenCalledTimes(1);
  });

  test("a socket that says nothing at first is closed", async () => {
    const { clock, wall, channel, sockets, asked } = setUp();
    await wall.poll();
    channel.start();
    await clock.pass(FIRST_FRAME_WITHIN_MS);
    expect(sockets[0]?.readyState).toBe(3);
    expect(channel.vouches()).toBe(false);
    expect(asked).not.toHaveBeenCalled();
  });

  test.each([
    ["names no time for an audit", { auditS: undefined }],
    ["can't be read", { comments: "none" }],
  ])("a socket whose first frame %s is closed, and the page polls", async (_, flaw) => {
    const { clock, wall, channel, sockets, socket, read } = setUp();
    await wall.poll();
    channel.start();
    read.mockClear();
    socket().say(first(2, 2, flaw));
    expect(channel.vouches()).toBe(false);
    expect(sockets[0]?.readyState).toBe(3);
    await wall.poll();
    expect(read).toHaveBeenCalledTimes(1);
    while (sockets.length < 2) await clock.pass(1_000);
    socket().say(first(2));
    expect(channel.vouches()).toBe(true);
  });

  test("a foreign first frame shows nothing", async () => {
    const { wall, channel, socket, shown } = setUp();
    await wall.poll();
    channel.start();
    socket().say({ ...frame(2, 3), comments: [comment(9)] });
    expect(shown()).toEqual(["message 1", "message 2"]);
  });

  test("a browser that can't open sockets polls", async () => {
    const { clock, wall, asked } = setUp();
    await wall.poll();
    const channel = new Channel({
      open: () => {
        throw new Error("SecurityError");
      },
      wall,
      pollNow: asked,
      isVisible: () => true,
      now: () => clock.now,
      monotonic: () => clock.monotonic,
      after: clock.after,
      random: () => 0.5,
    });
    channel.start();
    await clock.pass(3_600_000);
    expect(channel.vouches()).toBe(false);
    expect(asked).not.toHaveBeenCalled();
    channel.stop();
  });
});

describe("posts", () => {
  test("go over the channel, one at a time and in order", async () => {
    const { goLive, socket, wall, overHttp, shown } = setUp();
    await goLive();
    wall.outbox.send({ text: "one" });
    wall.outbox.send({ text: "two" });
    await settled();
    const asPosted = (nonce: string, index: number, text: string) => ({
      posted: nonce,
      comment: comment(index, { nonce, text }),
      created: true,
    });
    expect(socket().messages()).toEqual([{ post: { text: "one", nonce: "nonce-1" } }]);
    socket().say(asPosted("nonce-1", 3, "one"));
    await settled();
    expect(socket().messages()[1]).toEqual({ post: { text: "two", nonce: "nonce-2" } });
    socket().say(asPosted("nonce-2", 4, "two"));
    await settled();
    expect(wall.outbox.snapshot()).toEqual([]);
    expect(shown().slice(-2)).toEqual(["one", "two"]);
    expect(overHttp).not.toHaveBeenCalled();
  });

  test("go over HTTP where the channel takes none", async () => {
    const { goLive, socket, wall, overHttp } = setUp();
    await goLive({ posts: false });
    wall.outbox.send({ text: "one" });
    await settled();
    expect(overHttp).toHaveBeenCalledTimes(1);
    expect(socket().messages()).toEqual([]);
  });

  test("go over HTTP with the same nonce after 5 s without an answer, and the next ones directly", async () => {
    const { clock, goLive, socket, wall, overHttp, shown } = setUp();
    await goLive();
    wall.outbox.send({ text: "one" });
    await clock.pass(POST_ANSWER_WITHIN_MS - 1);
    expect(overHttp).not.toHaveBeenCalled();
    await clock.pass(1);
    await settled();
    expect(overHttp).toHaveBeenCalledWith({ text: "one", nonce: "nonce-1" });
    // The late answer changes nothing.
    socket().say({ posted: "nonce-1", comment: comment(900, { nonce: "nonce-1" }), created: true });
    wall.outbox.send({ text: "two" });
    await settled();
    expect(overHttp.mock.calls.map(([draft]) => draft.nonce)).toEqual(["nonce-1", "nonce-2"]);
    expect(wall.outbox.snapshot()).toEqual([]);
    expect(shown().filter((text) => text === "one")).toHaveLength(1);
  });

  test("go over HTTP at once when the socket is lost, or another tab takes the channel", async () => {
    for (const how of ["drop", "stop"] as const) {
      const { goLive, socket, wall, overHttp, channel } = setUp();
      await goLive();
      wall.outbox.send({ text: "one" });
      await settled();
      if (how === "drop") socket().drop();
      else channel.stop();
      await settled();
      expect(overHttp.mock.calls).toEqual([[{ text: "one", nonce: "nonce-1" }]]);
    }
  });

  test("are settled by the frame that shows them, if their answer is lost", async () => {
    const { clock, goLive, socket, wall, overHttp, add, shown } = setUp();
    await goLive();
    wall.outbox.send({ text: "one" });
    await settled();
    socket().say(frame(2, add(comment(3, { nonce: "nonce-1", text: "one" }))));
    await clock.pass(POST_ANSWER_WITHIN_MS);
    expect(wall.outbox.snapshot()).toEqual([]);
    expect(overHttp).not.toHaveBeenCalled();
    expect(shown().filter((text) => text === "one")).toHaveLength(1);
  });

  test("show a refusal as one over HTTP, with the time to wait", async () => {
    const { goLive, socket, wall, overHttp } = setUp();
    await goLive();
    wall.outbox.send({ text: "one" });
    await settled();
    const problem = { status: 400, code: "invalid_field", detail: "Invalid: text." };
    const errors = [{ pointer: "/text", detail: "is too long" }];
    socket().say({ refused: "nonce-1", problem: { ...problem, errors } });
    await settled();
    const [failed] = wall.outbox.snapshot();
    expect(failed).toMatchObject({ state: "failed" });
    expect(failed?.failure).toBeInstanceOf(ApiError);
    expect(failed?.failure).toMatchObject({ status: 400, problem: { errors } });
    wall.outbox.send({ text: "two" });
    await settled();
    const busy = { status: 429, code: "rate_limited", detail: "Too many messages." };
    socket().say({ refused: "nonce-2", problem: busy, retryAfterSeconds: 60 });
    await settled();
    expect(wall.outbox.snapshot()[1]).toMatchObject({ state: "waiting" });
    expect(wall.outbox.snapshot()[1]?.failure).toMatchObject({ retryAfterMs: 60_000 });
    expect(overHttp).not.toHaveBeenCalled();
    for (const { nonce } of wall.outbox.snapshot()) wall.outbox.discard(nonce);
  });

  test("that the channel can't carry go over HTTP", async () => {
    const { goLive, socket, wall, overHttp } = setUp();
    await goLive();
    wall.outbox.send({ text: "語".repeat(3_000) });
    await settled();
    expect(socket().messages()).toEqual([]);
    expect(overHttp).toHaveBeenCalledTimes(1);
  });
});

describe("over a long time", () => {
  test("stopping leaves no timer and no listener, however often the lease moves", async () => {
    const { clock, goLive, channel, socket, sockets, wall } = setUp();
    await goLive();
    for (let move = 0; move < 20; move += 1) {
      wall.outbox.send({ text: `while moving ${move}` });
      await settled();
      channel.stop();
      expect(clock.pending).toBe(0);
      channel.start();
      socket().say(first(2));
    }
    channel.stop();
    await clock.pass(3_600_000);
    expect(sockets).toHaveLength(21);
    expect(sockets.every(({ onmessage, onclose }) => !onmessage && !onclose)).toBe(true);
  });

  test("a day of pings and frames keeps one timer", async () => {
    const { clock, goLive, socket, sockets, channel } = setUp();
    await goLive();
    for (let minute = 0; minute < 24 * 60; minute += 1) {
      socket().say(frame(2, 2));
      await clock.pass(60_000);
      channel.onRead(false);
      expect(clock.pending).toBe(1);
    }
    expect(sockets).toHaveLength(1);
    expect(channel.vouches()).toBe(true);
  });
});
