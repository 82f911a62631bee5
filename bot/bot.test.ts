/** The bot on a wall that it polls. */
import { expect, test, vi } from "vitest";
import { POLL_INTERVAL_MS } from "./bot";
import { echo, eventually, pass, runBot as run, THINK_MS, wall } from "./bots-on-trial";
import type { Brain } from "./brains/brain";
import { TokenRefused } from "./failure";
import { CLAIM_SECONDS, EXTEND_EVERY_MS } from "./held-claim";
import { type Asked, refused, TOKEN } from "./scripted-wall";
import { Wall } from "./wall";

const texts = () => wall.comments.map(({ text }) => text);
const asks = (wanted: (asked: Asked) => boolean) => wall.asked.filter(wanted);
const isPoll = ({ path }: Asked) => path.includes("pending=1");
const isClaim = ({ path }: Asked) => path.endsWith("/claim");
const isPost = ({ method, path }: Asked) => method === "POST" && path === "";
const claimant = (id: string) => wall.comments.find((held) => held.id === id)?.botParams.claimedBy;

test("each message is answered once, the most urgent first, and marked", async () => {
  const later = wall.add({ text: "b" });
  const urgent = wall.add({ text: "a", botParams: { processed: false, priority: 9 } });
  run();
  await eventually(() => expect(asks(isPoll)).toHaveLength(2));
  expect(texts()).toEqual(["b", "a", "a", "b"]);
  for (const message of [later, urgent]) {
    const nonce = `reply-${message.id.slice(14)}`;
    expect(wall.repliesTo(message)).toMatchObject([{ type: "bot", username: "echo", nonce }]);
  }
  expect(wall.comments.map(({ botParams }) => botParams.processed)).toEqual([
    true,
    true,
    undefined,
    undefined,
  ]);
});

test("several bots on a wall answer each message once", async () => {
  const messages = Array.from({ length: 10 }, (_, n) => wall.add({ text: `message ${n}` }));
  for (const instance of ["echo-1", "echo-2", "echo-3"]) run({ instance });
  await eventually(() => {
    expect(messages.every(({ botParams }) => botParams.processed)).toBe(true);
  });
  for (const message of messages) expect(wall.repliesTo(message)).toHaveLength(1);
  expect(asks(isPost)).toHaveLength(10);
});

test("a message whose bot died after answering is marked, without thinking again", async () => {
  const message = wall.add({ text: "a" });
  const nonce = `reply-${message.id.slice(14)}`;
  wall.add({ text: "the first answer", type: "bot", replyTo: message.id, nonce });
  const brain = vi.fn(echo);
  run({ brain });
  await eventually(() => expect(message.botParams.processed).toBe(true));
  expect(brain).not.toHaveBeenCalled();
  expect(wall.comments).toHaveLength(2);
});

test("an answer with an unknown outcome is resent with the same nonce", async () => {
  const message = wall.add({ text: "a" });
  let isLost = true;
  wall.intercept = (asked) => {
    if (!isPost(asked) || !isLost) return;
    isLost = false;
    // It took effect, but the bot gets no answer.
    wall.add(asked.body);
    return refused(503, { "Retry-After": "7" });
  };
  const { clock } = run();
  await pass(clock, 7_000);
  await eventually(() => expect(message.botParams.processed).toBe(true));
  expect(asks(isPost)).toHaveLength(2);
  expect(wall.repliesTo(message)).toHaveLength(1);
});

test("a message that fails is given back and retried later; it blocks no other", async () => {
  const urgent = { processed: false, priority: 50 };
  const bad = Array.from({ length: 30 }, () => wall.add({ text: "bad", botParams: urgent }));
  const good = wall.add({ text: "good" });
  let isWell = false;
  const { clock, lines } = run({
    brain: async ({ text }) => {
      if (text === "bad" && !isWell) throw new Error("no idea");
      return text;
    },
  });
  // A single poll asks for fewer messages than fail.
  await eventually(() => expect(good.botParams.processed).toBe(true));
  expect(bad.every(({ id }) => claimant(id) === undefined)).toBe(true);
  expect(lines.some((line) => line.includes("failed (no idea)"))).toBe(true);
  isWell = true;
  await eventually(() => {
    clock.advance(POLL_INTERVAL_MS);
    expect(bad.every(({ botParams }) => botParams.processed)).toBe(true);
  });
});

/** A brain that answers only when the test tells it to, and ignores its signal. */
function slowBrain() {
  let say = (_text: string) => {};
  const thought = new Promise<string>((resolve) => {
    say = resolve;
  });
  return { brain: vi.fn<Brain>(() => thought), say };
}

test("the claim is extended while the brain thinks", async () => {
  const message = wall.add({ text: "a" });
  const { brain, say } = slowBrain();
  const { clock } = run({ brain });
  await eventually(() => expect(brain).toHaveBeenCalled());
  for (let claims = 2; claims <= 4; claims += 1) {
    await pass(clock, EXTEND_EVERY_MS);
    await eventually(() => expect(asks(isClaim)).toHaveLength(claims));
  }
  say("at last");
  await eventually(() => expect(message.botParams.processed).toBe(true));
  expect(wall.repliesTo(message)).toMatchObject([{ text: "at last" }]);
});

test.each([
  ["another bot has it", 409, EXTEND_EVERY_MS],
  ["the wall can't be reached before it expires", 503, CLAIM_SECONDS * 1_000],
])("an answer whose claim is lost is dropped: %s", async (_, status, lostAfterMs) => {
  wall.add({ text: "a" });
  const { brain, say } = slowBrain();
  const { clock, lines } = run({ brain });
  await eventually(() => expect(brain).toHaveBeenCalled());
  wall.intercept = (asked) => (isClaim(asked) ? refused(status) : undefined);
  const [, { signal }] = brain.mock.calls[0] as Parameters<Brain>;
  await pass(clock, EXTEND_EVERY_MS);
  while (clock.now() < lostAfterMs) {
    expect(signal.aborted).toBe(false);
    await pass(clock, 1_000);
  }
  await eventually(() => expect(signal.aborted).toBe(true));
  say("too late");
  await eventually(() => expect(clock.sleeping).toEqual([POLL_INTERVAL_MS]));
  expect(lines.some((line) => line.includes("claim was lost"))).toBe(true);
  expect(asks(isPost)).toHaveLength(0);
});

test("an answer that the wall did not accept during the claim is not sent after it", async () => {
  const message = wall.add({ text: "a" });
  wall.intercept = (asked) => {
    const isOfAnswer = isPost(asked) || (isClaim(asked) && asks(isClaim).length > 1);
    return isOfAnswer ? refused(503) : undefined;
  };
  const { clock } = run();
  for (let second = 0; second < CLAIM_SECONDS; second += 1) await pass(clock, 1_000);
  await eventually(() => expect(clock.sleeping).toEqual([POLL_INTERVAL_MS]));
  expect(asks(isPost).length).toBeGreaterThan(1);
  expect(wall.repliesTo(message)).toEqual([]);
});

test("a brain that exceeds its time limit and ignores its signal is abandoned", async () => {
  const message = wall.add({ text: "a" });
  const { brain } = slowBrain();
  const { clock, lines } = run({ brain });
  await eventually(() => expect(brain).toHaveBeenCalled());
  while (clock.now() < THINK_MS) await pass(clock, EXTEND_EVERY_MS);
  await eventually(() =>
    expect(lines.some((line) => line.includes("no answer from the brain within 60.0 s"))).toBe(
      true,
    ),
  );
  expect(claimant(message.id)).toBeUndefined();
});

test("an extension in flight does not claim a released message again", async () => {
  const message = wall.add({ text: "a" });
  const { brain, say } = slowBrain();
  const { clock } = run({ brain });
  await eventually(() => expect(brain).toHaveBeenCalled());
  let polls = 0;
  const held = new Promise<undefined>((resolve) => {
    wall.intercept = (asked) => {
      if (isPoll(asked)) polls += 1;
      if (polls === 2) resolve(undefined);
      return isClaim(asked) ? held : undefined;
    };
  });
  await pass(clock, EXTEND_EVERY_MS);
  await eventually(() => expect(asks(isClaim)).toHaveLength(2));
  say("");
  // A release that does not wait would arrive during these two calls.
  const visitor = new Wall({ url: wall.url, token: TOKEN });
  const query = { entity: "visitor", addressedOnly: false, limit: 1 };
  await visitor.pending(query);
  await visitor.pending(query);
  await eventually(() => expect(clock.sleeping).toEqual([POLL_INTERVAL_MS]));
  expect(claimant(message.id)).toBeUndefined();
});

test("a stopping bot gives back a message it is thinking about", async () => {
  const message = wall.add({ text: "a" });
  const { brain } = slowBrain();
  const { stopping, ended } = run({ brain });
  await eventually(() => expect(brain).toHaveBeenCalled());
  expect(claimant(message.id)).toBe("echo-1");
  stopping.abort();
  expect(await ended).toBeUndefined();
  expect(claimant(message.id)).toBeUndefined();
  expect(message.botParams.processed).toBe(false);
});

test("a stopping bot finishes an answer that is being sent", async () => {
  const message = wall.add({ text: "a" });
  let stop = () => {};
  wall.intercept = (asked) => {
    if (isPost(asked)) stop();
    return undefined;
  };
  const { stopping, ended } = run();
  stop = () => stopping.abort();
  expect(await ended).toBeUndefined();
  expect(message.botParams.processed).toBe(true);
  expect(wall.repliesTo(message)).toHaveLength(1);
});

test("a stopping bot does not retry temporary failures", async () => {
  const message = wall.add({ text: "a" });
  wall.intercept = (asked) => (isPost(asked) ? refused(503) : undefined);
  const { clock, stopping, ended } = run();
  await eventually(() => expect(clock.sleeping).toContain(1_000));
  stopping.abort();
  expect(await ended).toBeUndefined();
  expect(asks(isPost)).toHaveLength(2);
  expect(claimant(message.id)).toBeUndefined();
});

test("after a failed poll it waits longer, and as long as Retry-After asks", async () => {
  wall.intercept = () => refused(503, { "Retry-After": "20" });
  const { clock } = run();
  await eventually(() => expect(clock.sleeping).toEqual([POLL_INTERVAL_MS + 20_000]));
  wall.intercept = () => undefined;
  const message = wall.add({ text: "a" });
  await pass(clock, POLL_INTERVAL_MS + 20_000);
  await eventually(() => expect(message.botParams.processed).toBe(true));
});

test("a bot answers another bot's comment only if it is pending and not an answer itself", async () => {
  const question = wall.add({ text: "a" });
  const asking = { processed: false };
  const quiet = wall.add({ text: "quiet", type: "bot", username: "gull" });
  const reply = wall.add({
    type: "bot",
    username: "gull",
    replyTo: question.id,
    botParams: asking,
  });
  const own = wall.add({ type: "bot", username: "echo", text: "own", botParams: asking });
  const asked = wall.add({ type: "bot", username: "gull", text: "you?", botParams: asking });
  const { clock } = run();
  await eventually(() => expect(asked.botParams.processed).toBe(true));
  await pass(clock, POLL_INTERVAL_MS);
  await eventually(() => expect(asks(isPoll).length).toBeGreaterThan(2));
  for (const unanswered of [quiet, reply, own]) expect(wall.repliesTo(unanswered)).toEqual([]);
  for (const answer of wall.repliesTo(asked)) expect(answer.botParams.processed).toBeUndefined();
});

const addressed = (entity: string, priority = 0) => ({
  text: `for ${entity}`,
  botParams: { processed: false, entity, priority },
});

test("it answers what is addressed to it, then what is addressed to nobody, and nothing else", async () => {
  const nobodys = wall.add({ text: "anyone?", botParams: { processed: false, priority: 9 } });
  const others = wall.add(addressed("gull", 50));
  const mine = [wall.add(addressed("echo")), wall.add(addressed("echo", 5))];
  run();
  await eventually(() => expect(nobodys.botParams.processed).toBe(true));
  expect(asks(isClaim).map(({ path }) => path.slice(1, 25))).toEqual(
    [mine[1], mine[0], nobodys].map((message) => message?.id),
  );
  expect(others.botParams.processed).toBe(false);
});

test("with addressedOnly it leaves what is addressed to nobody, also on a wall that ignores the parameter", async () => {
  const nobodys = wall.add({ text: "anyone?" });
  const mine = wall.add(addressed("echo"));
  const { clock } = run({ addressedOnly: true });
  await eventually(() => expect(mine.botParams.processed).toBe(true));
  for (const { path } of asks(isPoll)) expect(path).toContain("entity=echo&limit=20&addressed=1");
  wall.intercept = (asked) => {
    asked.path = asked.path.replace("&addressed=1", "");
    return undefined;
  };
  const later = wall.add(addressed("echo"));
  await pass(clock, POLL_INTERVAL_MS);
  await eventually(() => expect(later.botParams.processed).toBe(true));
  await eventually(() => expect(clock.sleeping).toEqual([POLL_INTERVAL_MS]));
  expect(nobodys.botParams).toEqual({ processed: false });
});

test("the wall learns which bot reads, and which one is answering", async () => {
  wall.add({ text: "a" });
  const { brain, say } = slowBrain();
  const { clock } = run({ brain });
  await eventually(() => expect(brain).toHaveBeenCalled());
  await pass(clock, EXTEND_EVERY_MS);
  await eventually(() => expect(asks(isClaim)).toHaveLength(2));
  say("done");
  await eventually(() => expect(asks(isPoll)).toHaveLength(2));
  for (const { path, authorization } of asks(isPoll)) {
    expect(path).toBe("?pending=1&entity=echo&limit=20");
    expect(authorization).toBe(`Bearer ${TOKEN}`);
  }
  const claim = { bot: "echo-1", seconds: CLAIM_SECONDS, name: "echo" };
  for (const { body } of asks(isClaim)) expect(body).toEqual(claim);
});

test("a token that is changed while the bot runs ends it", async () => {
  const { clock, ended } = run();
  await eventually(() => expect(clock.sleeping).toEqual([POLL_INTERVAL_MS]));
  wall.intercept = (asked) => (isPoll(asked) ? refused(401) : undefined);
  clock.advance(POLL_INTERVAL_MS);
  expect(await ended).toBeInstanceOf(TokenRefused);
});

test("a wrong token ends it at once, even if nothing is pending", async () => {
  expect(await run({ token: "wrong" }).ended).toBeInstanceOf(TokenRefused);
});
