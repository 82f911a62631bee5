import { expect, test, vi } from "vitest";
import type { Comment } from "#schema/comment";
import { makeId } from "#schema/id";
import type { Problem } from "#schema/problem";
import type { Read } from "#schema/read";
import { ApiError } from "../api/request";
import type { ReadAnswer } from "./api";
import { Wall, type WallOptions } from "./wall";

const CURSOR = "aaaaaaaa.7";
const REBUILT_AT = 1_763_900_000_000;

const mine: Comment = {
  id: makeId(REBUILT_AT, "0000000000"),
  timestamp: REBUILT_AT,
  text: "hello",
  username: "ada",
  color: "#55c2f5",
  type: "human",
  nonce: "nonce-of-hello",
  botParams: { processed: false },
};

function answer(more: Partial<ReadAnswer["read"] & object> = {}, etag = 'W/"7"'): ReadAnswer {
  const read = { comments: [], removed: [], cursor: CURSOR, rebuiltAt: REBUILT_AT, gap: false };
  return { read: { ...read, ...more }, rebuiltAt: REBUILT_AT, etag, answeredAt: REBUILT_AT + 500 };
}

const unchanged = { read: null, rebuiltAt: REBUILT_AT + 3_000, etag: null, answeredAt: null };

function setUp(...given: (ReadAnswer | Pick<WallOptions, "hashFor">)[]) {
  const isAnswer = (each: object): each is ReadAnswer => "read" in each;
  const answers: ReadAnswer[] = given.filter(isAnswer);
  const more = given.find((each): each is Pick<WallOptions, "hashFor"> => !isAnswer(each));
  const read = vi.fn<WallOptions["read"]>(async () => answers.shift() ?? unchanged);
  const post = vi.fn<WallOptions["post"]>(async () => mine);
  const readHistory = vi.fn<WallOptions["readHistory"]>();
  const wall = new Wall({
    read,
    readHistory,
    post,
    now: () => 1_000,
    isOnline: () => true,
    random: () => 0,
    makeNonce: () => "nonce-of-hello",
    ...more,
  });
  return { wall, read, readHistory, post };
}

test("a poll asks once, and sends the last answer's ETag when it repeats a request", async () => {
  const { wall, read } = setUp(answer(), answer({}, 'W/"delta"'));
  for (let poll = 0; poll < 4; poll += 1) await wall.poll();
  expect(read.mock.calls).toEqual([
    [{}, null],
    [{ since: CURSOR }, null],
    [{ since: CURSOR }, 'W/"delta"'],
    [{ since: CURSOR }, 'W/"delta"'],
  ]);
});

test("a poll continues at once while more waits, and does a full read after a gap", async () => {
  const { wall, read } = setUp(
    answer(),
    answer({ cursor: "aaaaaaaa.8", more: true }),
    answer({ cursor: "aaaaaaaa.9", gap: true }),
    answer({ cursor: "aaaaaaaa.9" }),
  );
  await wall.poll();
  await wall.poll();
  expect(read.mock.calls.map(([query]) => query.since)).toEqual([
    undefined,
    CURSOR,
    "aaaaaaaa.8",
    undefined,
  ]);
});

test("a 304 only makes the wall fresher", async () => {
  const { wall } = setUp(answer());
  await wall.poll();
  const before = wall.store.snapshot();
  await wall.poll();
  expect(wall.store.rebuiltAt).toBe(REBUILT_AT + 3_000);
  expect(wall.freshness.ageMs(1_000)).toBe(0);
  expect(wall.store.snapshot()).toBe(before);
});

test("an acknowledged message is shown, reported to listeners, and dropped from the outbox", async () => {
  const { wall } = setUp(answer());
  await wall.poll();
  const sent = new Promise((resolve) =>
    wall.onHeard(({ kind }) => kind === "confirmed" && resolve(kind)),
  );
  wall.outbox.send({ text: "hello" });
  await sent;
  expect(wall.store.snapshot().comments).toEqual([mine]);
  await vi.waitFor(() => expect(wall.outbox.snapshot()).toEqual([]));
});

test("a message whose answer was lost is settled by the read that contains it", async () => {
  const { wall, post } = setUp(answer(), answer({ cursor: "aaaaaaaa.8", comments: [mine] }));
  post.mockRejectedValue(new Error("no answer"));
  await wall.poll();
  wall.outbox.send({ text: "hello" });
  await vi.waitFor(() => expect(wall.outbox.snapshot()[0]?.state).toBe("failed"));
  await wall.poll();
  expect(wall.outbox.snapshot()).toEqual([]);
  expect(wall.store.snapshot().comments).toEqual([mine]);
});

test("a failed poll throws, and the next one repeats the request", async () => {
  const { wall, read } = setUp();
  read.mockRejectedValueOnce(new Error("no answer"));
  await expect(wall.poll()).rejects.toThrow("no answer");
  read.mockResolvedValueOnce(answer());
  await wall.poll();
  expect(wall.store.snapshot().loaded).toBe(true);
});

test("one tab's answers serve another tab, which notices when it missed one", async () => {
  const later = { ...mine, id: makeId(REBUILT_AT + 1, "1111111111"), nonce: "nonce-of-later" };
  const { wall } = setUp(
    answer({ comments: [mine] }),
    answer({ cursor: "aaaaaaaa.8", comments: [later] }),
    answer({ cursor: "aaaaaaaa.9" }),
  );
  const { wall: other } = setUp(answer({ comments: [mine] }));
  await other.poll();
  const isCurrent: boolean[] = [];
  wall.onHeard((heard) => isCurrent.push(other.overhear(heard)));
  await wall.poll();
  await wall.poll();
  expect(other.store.snapshot().comments).toEqual([mine, later]);
  const { wall: late } = setUp(answer({ comments: [mine] }));
  await late.poll();
  wall.onHeard((heard) => isCurrent.push(late.overhear(heard)));
  await wall.poll();
  expect(isCurrent).toEqual([true, true, true, false]);
});

test("while the channel vouches, a poll makes no request and serves the other tabs like an answer", async () => {
  const { wall, read } = setUp(answer({ comments: [mine] }));
  const { wall: other } = setUp(answer({ comments: [mine] }));
  await wall.poll();
  await other.poll();
  const isCurrent: boolean[] = [];
  wall.onHeard((heard) => isCurrent.push(other.overhear(heard)));
  const live = { vouches: () => true, onRead: vi.fn(), post: vi.fn() };
  wall.live = live;
  await wall.poll();
  expect(read).toHaveBeenCalledTimes(1);
  expect([wall.isLive(1_000), other.isLive(1_000)]).toEqual([true, true]);
  // A tab that missed something learns it from the cursor.
  wall.store.accept({ ...(answer().read as Read), cursor: "aaaaaaaa.9" }, { since: CURSOR });
  await wall.poll();
  expect(isCurrent).toEqual([true, false]);

  live.vouches = () => false;
  await wall.poll();
  expect(read).toHaveBeenCalledTimes(2);
  expect(live.onRead).toHaveBeenCalledTimes(1);
});

test("other tabs overhear a frame only if it fits: otherwise a poll follows", async () => {
  const { wall } = setUp(answer({ comments: [mine] }));
  await wall.poll();
  const heard = vi.fn();
  wall.onHeard(heard);
  const frame = { ...(answer().read as Read), cursor: "aaaaaaaa.12" };
  wall.hear({ since: "aaaaaaaa.11" }, frame);
  expect(heard).not.toHaveBeenCalled();
  wall.hear({ since: CURSOR }, frame);
  expect(heard).toHaveBeenCalledTimes(1);
});

test("a failed poll in one tab is shown in the other, until one succeeds", async () => {
  const { wall, read } = setUp(answer());
  const { wall: other } = setUp();
  wall.onHeard((heard) => other.overhear(heard));
  read.mockRejectedValueOnce(new Error("no answer"));
  await wall.poll().catch(() => {});
  expect(other.isFailing()).toBe(true);
  await wall.poll();
  expect(other.isFailing()).toBe(false);
});

test("history is loaded one page at a time", async () => {
  const { wall, readHistory } = setUp(
    answer({ comments: Array.from({ length: 500 }, (_, n) => older(n)) }),
  );
  await wall.poll();
  const page = { ...answer().read, comments: [older(500)], nextBefore: "next" };
  readHistory.mockResolvedValue(page as never);
  const { id } = older(499);
  await Promise.all([wall.reachBack(id), wall.reachBack(id)]);
  expect(readHistory.mock.calls).toEqual([[id]]);
  await wall.reachBack(older(500).id);
  expect(readHistory.mock.calls).toEqual([[id], ["next"]]);
});

/** The comment `n` places before ours. */
function older(n: number): Comment {
  const timestamp = REBUILT_AT - n;
  return { ...mine, id: makeId(timestamp, "2222222222"), timestamp, nonce: `nonce-of-older-${n}` };
}

test("a message carries the hash of its author's secret, over HTTP and over the live channel", async () => {
  const { wall, post } = setUp({ hashFor: async (nonce) => `hash of ${nonce}` });
  wall.outbox.send({ text: "hello" });
  const sent = { text: "hello", nonce: "nonce-of-hello", secretHash: "hash of nonce-of-hello" };
  await vi.waitFor(() => expect(post).toHaveBeenCalledWith(sent));
  const overChannel = vi.fn(async () => mine);
  wall.live = { vouches: () => true, onRead: () => {}, post: overChannel };
  wall.outbox.send({ text: "hello" });
  await vi.waitFor(() => expect(overChannel).toHaveBeenCalledWith(sent, post));
});

test("a wall of an earlier release gets the message again without the hash", async () => {
  const { wall, post } = setUp({ hashFor: async () => "a hash" });
  const errors = [{ pointer: "/secretHash", detail: "is an unknown field" }];
  post.mockRejectedValueOnce(new ApiError(400, { status: 400, errors } as Problem));
  wall.outbox.send({ text: "hello" });
  await vi.waitFor(() => expect(post).toHaveBeenCalledTimes(2));
  expect(post).toHaveBeenLastCalledWith({ text: "hello", nonce: "nonce-of-hello" });
  await vi.waitFor(() => expect(wall.outbox.snapshot()).toEqual([]));
});

test("a message refused for another reason is not sent again without the hash", async () => {
  const { wall, post } = setUp({ hashFor: async () => "a hash" });
  const errors = [{ pointer: "/text", detail: "is too long" }];
  post.mockRejectedValueOnce(new ApiError(400, { status: 400, errors } as Problem));
  wall.outbox.send({ text: "hello" });
  await vi.waitFor(() => expect(wall.outbox.snapshot()).toMatchObject([{ state: "failed" }]));
  expect(post).toHaveBeenCalledTimes(1);
});

test("hints of the live channel reach all tabs", () => {
  const { wall } = setUp();
  const { wall: other } = setUp();
  wall.onHeard((heard) => expect(other.overhear(heard)).toBe(true));
  const heard: unknown[] = [];
  for (const { onHint } of [wall, other]) expect(onHint(null)).toBeUndefined();
  for (const tab of [wall, other]) tab.onHint = (hint) => heard.push(hint);
  wall.hint({ here: 2 });
  wall.hint(null);
  expect(heard).toEqual([{ here: 2 }, { here: 2 }, null, null]);
});
