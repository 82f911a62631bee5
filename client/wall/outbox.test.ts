import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Comment, type Draft, draftFields } from "#schema/comment";
import { makeId } from "#schema/id";
import { ApiError } from "../api/request";
import { Outbox } from "./outbox";

interface Attempt {
  draft: Draft;
  succeed: () => Promise<void>;
  fail: (failure?: unknown) => Promise<void>;
}

/** An outbox whose posts finish when and how the test decides. */
function setUp() {
  const attempts: Attempt[] = [];
  const onConfirmed = vi.fn<(comment: Comment) => void>();
  const network = { isOnline: true, random: 0 };
  const nonces = Array.from({ length: 9 }, (_, index) => `nonce-${index + 1}`);
  const outbox = new Outbox({
    post: (draft) =>
      new Promise((resolve, reject) => {
        const settled = () => new Promise<void>((done) => setTimeout(done));
        attempts.push({
          draft,
          succeed: () => {
            resolve(commentOf(draft));
            return settled();
          },
          fail: (failure = new Error("no network")) => {
            reject(failure);
            return settled();
          },
        });
      }),
    onConfirmed,
    makeNonce: () => nonces.shift() ?? "",
    now: () => 1_000,
    isOnline: () => network.isOnline,
    random: () => network.random,
  });
  const attempt = (index: number) => {
    const found = attempts[index];
    if (!found) throw new Error(`there was no attempt ${index}`);
    return found;
  };
  const states = () => outbox.snapshot().map(({ text, state }) => `${text}: ${state}`);
  return { outbox, attempts, attempt, onConfirmed, states, network };
}

function commentOf({ text, nonce = "" }: Draft, more: Partial<Comment> = {}): Comment {
  return {
    id: makeId(2_000, nonce.padEnd(10, "0").slice(-10).replace("-", "0")),
    timestamp: 2_000,
    text,
    username: "anonymous",
    color: "#55c2f5",
    type: "human",
    nonce,
    botParams: { processed: false },
    ...more,
  };
}

describe("sending", () => {
  test("shows the message at once and passes it on when acknowledged", async () => {
    const { outbox, attempt, onConfirmed, states } = setUp();
    outbox.send({ text: "hello", username: "ada" });
    expect(states()).toEqual(["hello: sending"]);
    expect(attempt(0).draft).toEqual({ text: "hello", username: "ada", nonce: "nonce-1" });
    await attempt(0).succeed();
    expect(onConfirmed).toHaveBeenCalledWith(commentOf(attempt(0).draft));
    expect(states()).toEqual([]);
  });

  test("sends every field of the draft, again after a failure, and nothing else", async () => {
    const { outbox, attempts, attempt } = setUp();
    const fields = Object.keys(draftFields).map((field) => [field, `a ${field}`]);
    const words = { text: "hello", ...Object.fromEntries(fields) };
    outbox.send(words);
    await attempt(0).fail();
    outbox.retry("nonce-1");
    expect(attempts.map(({ draft }) => draft)).toEqual(
      Array(2).fill({ ...words, nonce: "nonce-1" }),
    );
  });

  test("posts one message at a time, in the order written", async () => {
    const { outbox, attempts, attempt } = setUp();
    outbox.send({ text: "first" });
    outbox.send({ text: "second" });
    expect(attempts.map(({ draft }) => draft.text)).toEqual(["first"]);
    await attempt(0).succeed();
    expect(attempts.map(({ draft }) => draft.text)).toEqual(["first", "second"]);
  });

  test("confirms a message before dropping it, so it is never missing from view", async () => {
    const { outbox, attempt, onConfirmed, states } = setUp();
    onConfirmed.mockImplementation(() => expect(states()).toEqual(["hello: sending"]));
    outbox.send({ text: "hello" });
    await attempt(0).succeed();
    expect(onConfirmed).toHaveBeenCalledTimes(1);
  });

  test("remembers the nonce of each sent comment", async () => {
    const { outbox, attempt } = setUp();
    outbox.send({ text: "hello" });
    await attempt(0).succeed();
    expect(outbox.nonceOf(commentOf(attempt(0).draft).id)).toBe("nonce-1");
    expect(outbox.nonceOf(makeId(1, "0000000000"))).toBeUndefined();
  });
});

describe("a failure", () => {
  test("keeps the message with its error and lets the next one through", async () => {
    const { outbox, attempt, states } = setUp();
    outbox.send({ text: "first" });
    outbox.send({ text: "second" });
    const failure = new Error("refused");
    await attempt(0).fail(failure);
    expect(states()).toEqual(["first: failed", "second: sending"]);
    expect(outbox.snapshot()[0]?.failure).toBe(failure);
    await attempt(1).succeed();
    expect(states()).toEqual(["first: failed"]);
  });

  test("is retried with the same nonce, in the same place", async () => {
    const { outbox, attempts, attempt, states } = setUp();
    outbox.send({ text: "hello" });
    await attempt(0).fail();
    outbox.retry("nonce-1");
    expect(states()).toEqual(["hello: sending"]);
    expect(outbox.snapshot()[0]).not.toHaveProperty("failure");
    await attempt(1).fail();
    outbox.retry("nonce-1");
    await attempt(2).succeed();
    expect(attempts.map(({ draft }) => draft.nonce)).toEqual(["nonce-1", "nonce-1", "nonce-1"]);
    expect(states()).toEqual([]);
  });

  test("can be discarded", async () => {
    const { outbox, attempt, states } = setUp();
    outbox.send({ text: "hello" });
    await attempt(0).fail();
    outbox.discard("nonce-1");
    expect(states()).toEqual([]);
  });

  test("is back as it was, in the order of writing, when a discard is undone", async () => {
    const { outbox, attempt, attempts, states } = setUp();
    for (const text of ["first", "second"]) outbox.send({ text });
    await attempt(0).fail();
    await attempt(1).fail();
    const undo = outbox.discard("nonce-1");
    expect(states()).toEqual(["second: failed"]);
    undo();
    undo();
    expect(states()).toEqual(["first: failed", "second: failed"]);
    expect(attempts).toHaveLength(2);
    outbox.retry("nonce-1");
    await attempt(2).succeed();
    expect(attempt(2).draft).toEqual(attempt(0).draft);
  });
});

describe("temporary failures", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
  afterEach(() => void vi.useRealTimers());

  const refused = (status: number) => new ApiError(status, undefined, 12_000);
  const end = (attempt: Promise<void>) => vi.advanceTimersByTimeAsync(0).then(() => attempt);

  test("messages written offline wait, and are sent in order when the network is back", async () => {
    const { outbox, attempts, attempt, states, network } = setUp();
    network.isOnline = false;
    for (const text of ["first", "second", "third"]) outbox.send({ text });
    await end(attempt(0).fail(new ApiError(0)));
    expect(states()).toEqual(["first: waiting", "second: sending", "third: sending"]);
    expect(attempts).toHaveLength(1);
    network.isOnline = true;
    outbox.wake();
    for (const index of [1, 2, 3]) await end(attempt(index).succeed());
    expect(attempts.map(({ draft }) => draft.text)).toEqual(["first", "first", "second", "third"]);
    expect(states()).toEqual([]);
  });

  test.each([429, 503])(
    "after a %i, the message is sent again when its Retry-After is over",
    async (status) => {
      const { outbox, attempts, attempt, states } = setUp();
      outbox.send({ text: "hello" });
      await end(attempt(0).fail(refused(status)));
      expect(states()).toEqual(["hello: waiting"]);
      expect(outbox.snapshot()[0]?.retryAt).toBe(13_000);
      await vi.advanceTimersByTimeAsync(11_999);
      expect(attempts).toHaveLength(1);
      await vi.advanceTimersByTimeAsync(1);
      expect(attempt(1).draft).toEqual(attempt(0).draft);
      await end(attempt(1).succeed());
      expect(states()).toEqual([]);
    },
  );

  test("discarding a waiting message unblocks the next one", async () => {
    const { outbox, attempts, attempt, states } = setUp();
    for (const text of ["first", "second"]) outbox.send({ text });
    await end(attempt(0).fail(refused(503)));
    outbox.discard("nonce-1");
    await end(attempt(1).succeed());
    expect(attempts.map(({ draft }) => draft.text)).toEqual(["first", "second"]);
    expect(states()).toEqual([]);
  });

  test("a message waits its own full Retry-After, whatever waited before it", async () => {
    const { outbox, attempts, attempt } = setUp();
    for (const text of ["first", "second"]) outbox.send({ text });
    await end(attempt(0).fail(refused(503)));
    await vi.advanceTimersByTimeAsync(6_000);
    outbox.discard("nonce-1");
    await end(attempt(1).fail(refused(503)));
    await vi.advanceTimersByTimeAsync(11_999);
    expect(attempts).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(attempts).toHaveLength(3);
  });

  test("waits double with each refusal, and begin anew after a message that was taken", async () => {
    const { outbox, attempt, network } = setUp();
    network.random = 0.5;
    const wait = () => (outbox.snapshot()[0]?.retryAt ?? 0) - 1_000;
    outbox.send({ text: "first" });
    const waits: number[] = [];
    for (const index of [0, 1, 2]) {
      await end(attempt(index).fail(new ApiError(503)));
      waits.push(wait());
      await vi.advanceTimersByTimeAsync(wait());
    }
    await end(attempt(3).succeed());
    outbox.send({ text: "second" });
    await end(attempt(4).fail(new ApiError(503)));
    expect([...waits, wait()]).toEqual([500, 1_000, 2_000, 500]);
  });

  test("messages left from before a reload go first, with their nonces", async () => {
    const { outbox, attempts, attempt } = setUp();
    const left = { text: "left", nonce: "nonce-of-left", writtenAt: 1, state: "failed" as const };
    outbox.restore([left]);
    outbox.send({ text: "new" });
    await end(attempt(0).succeed());
    expect(attempts.map(({ draft }) => draft.nonce)).toEqual(["nonce-of-left", "nonce-1"]);
  });

  test("messages left from before a reload go before one written while they were loading", () => {
    const { outbox, states } = setUp();
    outbox.send({ text: "new" });
    outbox.restore([{ text: "left", nonce: "nonce-of-left", writtenAt: 1, state: "failed" }]);
    expect(states()).toEqual(["left: sending", "new: sending"]);
  });

  test("a message that is already in the outbox is not restored twice", () => {
    const { outbox, states } = setUp();
    outbox.send({ text: "new" });
    outbox.restore([{ text: "new", nonce: "nonce-1", writtenAt: 1, state: "sending" }]);
    expect(states()).toEqual(["new: sending"]);
  });
});

describe("a read that contains the message", () => {
  test("settles it if its answer was lost", async () => {
    const { outbox, attempt, states } = setUp();
    outbox.send({ text: "hello" });
    await attempt(0).fail();
    const arrived = commentOf(attempt(0).draft);
    outbox.settle([arrived]);
    expect(states()).toEqual([]);
    expect(outbox.nonceOf(arrived.id)).toBe("nonce-1");
  });

  test("settles it while it waits, and unblocks the next one", async () => {
    const { outbox, attempts, attempt, states, network } = setUp();
    network.isOnline = false;
    for (const text of ["first", "second"]) outbox.send({ text });
    await attempt(0).fail(new ApiError(0));
    network.isOnline = true;
    outbox.settle([commentOf(attempt(0).draft)]);
    outbox.heard();
    await attempt(1).succeed();
    expect(attempts.map(({ draft }) => draft.text)).toEqual(["first", "second"]);
    expect(states()).toEqual([]);
  });

  test("settles it while its answer is on the way, whatever that answer is", async () => {
    for (const end of ["succeed", "fail"] as const) {
      const { outbox, attempt, states } = setUp();
      outbox.send({ text: "hello" });
      outbox.settle([commentOf(attempt(0).draft)]);
      expect(states()).toEqual([]);
      await attempt(0)[end]();
      expect(states()).toEqual([]);
    }
  });

  test("doesn't settle it by a bot's comment with that nonce, or by another nonce", async () => {
    const { outbox, attempt, states } = setUp();
    outbox.send({ text: "hello" });
    await attempt(0).fail();
    outbox.settle([
      commentOf(attempt(0).draft, { type: "bot" }),
      commentOf({ text: "hello", nonce: "another-nonce" }),
    ]);
    expect(states()).toEqual(["hello: failed"]);
  });
});

describe("when the wall is back after an outage", () => {
  test("messages that found no wall are sent in order, each under its nonce", async () => {
    const { outbox, attempts, attempt, states } = setUp();
    for (const text of ["first", "second"]) outbox.send({ text });
    await attempt(0).fail(new ApiError(0));
    await attempt(1).fail(new ApiError(502));
    expect(states()).toEqual(["first: failed", "second: failed"]);
    outbox.wallIsBack();
    for (const index of [2, 3]) await attempt(index).succeed();
    expect(attempts.map(({ draft }) => draft.nonce)).toEqual([
      "nonce-1",
      "nonce-2",
      "nonce-1",
      "nonce-2",
    ]);
    expect(states()).toEqual([]);
  });

  test("a message that the wall refused stays", async () => {
    const { outbox, attempts, attempt, states } = setUp();
    outbox.send({ text: "refused" });
    await attempt(0).fail(new ApiError(400));
    outbox.wallIsBack();
    expect(states()).toEqual(["refused: failed"]);
    expect(attempts).toHaveLength(1);
  });
});

describe("the snapshot", () => {
  test("is a new array after each change and the same array otherwise", () => {
    const { outbox } = setUp();
    const listener = vi.fn();
    outbox.subscribe(listener);
    const before = outbox.snapshot();
    outbox.settle([commentOf({ text: "another's", nonce: "another-nonce" })]);
    outbox.retry("unknown");
    expect(outbox.snapshot()).toBe(before);
    outbox.send({ text: "hello" });
    expect(outbox.snapshot()).not.toBe(before);
    expect(listener).toHaveBeenCalledTimes(1);
  });
});
