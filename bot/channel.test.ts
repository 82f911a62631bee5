/** The bot on a wall with a live channel. */
import { beforeEach, expect, test } from "vitest";
import type { Comment } from "#schema/comment";
import {
  LIVE_PING_AFTER_MS,
  LIVE_SEEN_EVERY_BYTES,
  LIVE_SILENCE_MAX_MS,
} from "#schema/live/messages";
import { POLL_INTERVAL_LIVE_MS, POLL_INTERVAL_MS } from "./bot";
import { eventually, runBot, wall } from "./bots-on-trial";
import type { Brain } from "./brains/brain";
import type { ManualClock } from "./manual-clock";
import { refused, TOKEN } from "./scripted-wall";

beforeEach(() => {
  wall.upgradeRefusal = null;
});

const run = (options: Parameters<typeof runBot>[0] = {}) => runBot({ live: true, ...options });
const polls = () => wall.asked.filter(({ path }) => path.includes("pending=1")).length;

/** Waits until the bot follows the channel and has nothing to do. */
async function idle(clock: ManualClock) {
  await eventually(() => expect(clock.sleeping).toContain(POLL_INTERVAL_LIVE_MS));
}

async function announced(comment: Comment) {
  wall.announce([comment]);
  await eventually(() => {
    expect(comment.botParams.processed).toBe(true);
  });
}

test("a message is answered when its frame comes, without a timer", async () => {
  const { clock } = run();
  await idle(clock);
  const before = clock.now();
  const message = wall.add({ text: "a" });
  await announced(message);
  expect(wall.repliesTo(message)).toHaveLength(1);
  expect(clock.now() - before).toBeLessThan(POLL_INTERVAL_MS);
});

/** Waits until the bot has received every frame so far. */
async function received() {
  const before = wall.heard.length;
  wall.announce([], { padding: "x".repeat(LIVE_SEEN_EVERY_BYTES) });
  await eventually(() => expect(wall.heard.length).toBeGreaterThan(before));
}

test("the wall learns whose channel it is", async () => {
  const { clock } = run();
  await idle(clock);
  expect(wall.upgrades).toEqual([
    { since: "scripted.1", entity: "echo", authorization: `Bearer ${TOKEN}` },
  ]);
});

test("a burst of frames causes one read at a time, and at most one after it", async () => {
  const { clock } = run();
  await idle(clock);
  const before = polls();
  const reads = { now: 0, most: 0 };
  let release = () => {};
  const held = new Promise<undefined>((resolve) => {
    release = () => resolve(undefined);
  });
  wall.intercept = async ({ path }) => {
    if (!path.includes("pending=1")) return undefined;
    reads.now += 1;
    reads.most = Math.max(reads.most, reads.now);
    await held;
    reads.now -= 1;
    return undefined;
  };
  const messages = Array.from({ length: 10 }, (_, n) => wall.add({ text: `message ${n}` }));
  for (const message of messages) wall.announce([message]);
  await received();
  release();
  await eventually(() => expect(messages.every(({ botParams }) => botParams.processed)).toBe(true));
  await idle(clock);
  expect(reads.most).toBe(1);
  // The held one, one for frames that came during it, and one that finds nothing.
  expect(polls() - before).toBeLessThanOrEqual(3);
});

test("a message addressed to the bot that comes while it answers others is next", async () => {
  let goOn = () => {};
  const thinking = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const others = Array.from({ length: 3 }, (_, n) => wall.add({ text: `message ${n}` }));
  const { clock } = run({ brain: async ({ text }) => thinking.then(() => text) });
  await eventually(() => expect(wall.channels.size).toBe(1));
  await eventually(() => expect(others[0]?.botParams.claimedBy).toBe("echo-1"));
  const mine = wall.add({ text: "you?", botParams: { processed: false, entity: "echo" } });
  wall.announce([mine]);
  await received();
  goOn();
  await idle(clock);
  const answers = wall.comments.filter(({ type }) => type === "bot");
  expect(answers.map(({ replyTo }) => replyTo)).toEqual(
    [others[0], mine, others[1], others[2]].map((message) => message?.id),
  );
});

test("an idle bot with a channel polls every 30 s", async () => {
  const { clock } = run();
  await idle(clock);
  expect(clock.sleeping).not.toContain(POLL_INTERVAL_MS);
  const message = wall.add({ text: "no frame announces it" });
  clock.advance(POLL_INTERVAL_LIVE_MS);
  await eventually(() => expect(message.botParams.processed).toBe(true));
});

test("frames about answers, marks and other bots' messages cause no poll", async () => {
  const { clock } = run({ addressedOnly: true });
  await idle(clock);
  const before = polls();
  wall.announce([wall.add({ type: "bot", text: "an answer" })]);
  wall.announce([wall.add({ text: "done", botParams: { processed: true, entity: "echo" } })]);
  wall.announce([wall.add({ text: "other", botParams: { processed: false, entity: "other" } })]);
  const mine = wall.add({ text: "mine", botParams: { processed: false, entity: "echo" } });
  await announced(mine);
  // The poll after the last frame, and one after its work.
  await idle(clock);
  expect(polls() - before).toBeLessThanOrEqual(4);
  expect(wall.repliesTo(mine)).toHaveLength(1);
});

test("several bots that hear of one message answer it once", async () => {
  const bots = ["echo-1", "echo-2", "echo-3"].map((instance) => run({ instance }));
  for (const { clock } of bots) await idle(clock);
  const message = wall.add({ text: "a" });
  wall.announce([message]);
  await eventually(() => {
    expect(message.botParams.processed).toBe(true);
  });
  expect(wall.repliesTo(message)).toHaveLength(1);
});

test("after a missed frame the bot reads pending messages at once", async () => {
  const { clock } = run();
  await idle(clock);
  const message = wall.add({ text: "its frame was lost" });
  wall.sendFrame({ since: "scripted.900", cursor: "scripted.901" });
  await eventually(() => {
    expect(message.botParams.processed).toBe(true);
  });
});

test("a lost channel means one poll at once, then polls every 3 s, until it is back", async () => {
  const { clock, lines } = run();
  await idle(clock);
  wall.upgradeRefusal = { status: 503, retryAfter: 60 };
  const first = wall.add({ text: "a" });
  for (const channel of wall.channels) channel.close(1012);
  await eventually(() => {
    expect(first.botParams.processed).toBe(true);
  });
  await eventually(() => expect(clock.sleeping).toContain(POLL_INTERVAL_MS));
  const second = wall.add({ text: "b" });
  clock.advance(POLL_INTERVAL_MS);
  await eventually(() => expect(second.botParams.processed).toBe(true));
  await eventually(() => expect(clock.sleeping).toContain(60_000));
  wall.upgradeRefusal = null;
  clock.advance(60_000);
  await eventually(() => expect(wall.channels.size).toBe(1));
  await idle(clock);
  expect(lines.filter((line) => line.startsWith("no live channel"))).toHaveLength(1);
  // It goes on from the last frame.
  expect(wall.upgrades.at(-1)?.since).toMatch(/^scripted\./);
});

test.each([404, 403, 429, 501])(
  "a wall that refuses channels with %s is polled",
  async (status) => {
    wall.upgradeRefusal = { status };
    const { clock, lines } = run();
    await eventually(() => expect(wall.upgrades).toHaveLength(1));
    const message = wall.add({ text: "a" });
    await eventually(() => {
      clock.advance(POLL_INTERVAL_MS);
      expect(message.botParams.processed).toBe(true);
    });
    expect(lines.some((line) => line.includes(`refused with ${status}`))).toBe(true);
  },
);

test("a socket whose first frame names no time for an audit is no live channel", async () => {
  wall.terms = { posts: false };
  const { clock, lines } = run();
  await eventually(() =>
    expect(lines).toContain("no live channel (its first frame has no auditS); polling"),
  );
  expect(lines).not.toContain("live channel open");
  const message = wall.add({ text: "a" });
  await eventually(() => {
    clock.advance(POLL_INTERVAL_MS);
    expect(message.botParams.processed).toBe(true);
  });
});

test("a channel that says nothing and answers no ping is given up", async () => {
  wall.answersPings = false;
  const { clock, lines } = run();
  await idle(clock);
  const began = clock.now();
  await eventually(() => {
    clock.advance(LIVE_PING_AFTER_MS / 10);
    expect(lines.some((line) => line.includes("no live channel (silent)"))).toBe(true);
  });
  expect(wall.heard).toContain("ping");
  expect(clock.now() - began).toBeGreaterThanOrEqual(LIVE_SILENCE_MAX_MS);
});

test("the bot confirms what it received", async () => {
  const { clock } = run();
  await idle(clock);
  const text = "x".repeat(1_000);
  const many = Array.from({ length: 2 * (LIVE_SEEN_EVERY_BYTES / 1_000) }, () =>
    wall.add({ text, type: "bot" }),
  );
  for (const comment of many) wall.announce([comment]);
  await eventually(() => expect(wall.heard.some((line) => line.includes('"seen"'))).toBe(true));
});

test("news don't hurry a wall that asked the bot to wait", async () => {
  const { clock } = run();
  await idle(clock);
  wall.intercept = () => refused(503, { "Retry-After": "20" });
  wall.announce([wall.add({ text: "a" })]);
  await eventually(() => {
    expect(clock.sleeping).toContain(POLL_INTERVAL_MS + 20_000);
  });
  const before = polls();
  wall.announce([wall.add({ text: "b" })]);
  wall.sendFrame({ since: "scripted.900", cursor: "scripted.901" });
  await eventually(() => expect(clock.sleeping).toContain(POLL_INTERVAL_MS + 20_000));
  expect(polls()).toBe(before);
});

test("a stopping bot ends its channel", async () => {
  const { clock, stopping, ended } = run();
  await idle(clock);
  stopping.abort();
  await ended;
  await eventually(() => expect(wall.channels.size).toBe(0));
});

test("a message that failed is retried when its rest ends, without a frame", async () => {
  let isWell = false;
  const brain: Brain = async ({ text }) => {
    if (!isWell) throw new Error("no idea");
    return text;
  };
  const message = wall.add({ text: "a" });
  const { clock, lines } = run({ brain });
  await eventually(() =>
    expect(lines.some((line) => line.includes("failed (no idea)"))).toBe(true),
  );
  isWell = true;
  const began = clock.now();
  await eventually(() => {
    clock.advance(250);
    expect(message.botParams.processed).toBe(true);
  });
  expect(clock.now() - began).toBeLessThan(POLL_INTERVAL_LIVE_MS);
});
