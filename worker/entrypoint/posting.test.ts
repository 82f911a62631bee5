/** Retries of a post when the rebuilder does not accept the message, and the cases without a retry. */
import { expect, test } from "vitest";
import type { Comment } from "#schema/comment";
import { Asker } from "../contract/asker";
import type { WriterCalls } from "../contract/writer-calls";
import type { Ledger } from "../ledger/ledger";
import { KvPosting, SqlitePosting } from "./posting";
import { Replica } from "./replica/replica";

const COMMENT: Comment = {
  id: "1767225600000-0000000001",
  timestamp: 1_767_225_600_000,
  text: "Hello",
  username: "anonymous",
  color: "#aabbcc",
  type: "human",
  botParams: { processed: false },
};

const never = () => new Promise<never>(() => {});

function newPosting(kind: typeof KvPosting | typeof SqlitePosting, fail: () => Promise<never>) {
  let now = COMMENT.timestamp;
  const calls: string[] = [];
  const called = (name: string) => () => {
    calls.push(name);
    return fail();
  };
  const rebuilder = { notice: called("notice"), append: called("append") };
  const clock = {
    now: () => now,
    sleep: async (ms: number, signal?: AbortSignal) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (signal?.aborted) await never();
      now += ms;
    },
  };
  const background: Promise<unknown>[] = [];
  const posting = new kind({
    clock,
    ledger: { append: async () => {} } as unknown as Ledger,
    asker: new Asker(clock, () => rebuilder as unknown as WriterCalls),
    replica: new Replica(),
    background: (work) => background.push(work),
    log: () => {},
  });
  return { posting, calls, settled: () => Promise.all(background) };
}

const overloaded = () =>
  Promise.reject(Object.assign(new Error("overloaded"), { overloaded: true, retryable: true }));
const lost = () => Promise.reject(new Error("connection lost"));

test("a notice to an overloaded rebuilder is dropped: its list finds the message", async () => {
  const { posting, calls, settled } = newPosting(KvPosting, overloaded);
  expect(await posting.post(COMMENT)).toMatchObject({ ok: true });
  await settled();
  expect(calls).toEqual(["notice"]);
});

test("a message for an overloaded rebuilder is refused at once, with a Retry-After", async () => {
  const { posting, calls } = newPosting(SqlitePosting, overloaded);
  expect(await posting.post(COMMENT)).toMatchObject({
    ok: false,
    problem: { status: 503 },
    retryAfterSeconds: expect.any(Number),
  });
  expect(calls).toEqual(["append"]);
});

test.each([
  ["a notice", KvPosting, 3],
  ["a message", SqlitePosting, 4],
] as const)("%s that was lost on its way is retried a few times", async (_name, kind, times) => {
  const { posting, calls, settled } = newPosting(kind, lost);
  await posting.post(COMMENT);
  await settled();
  expect(calls).toHaveLength(times);
});

test("a notice that is never answered ends at its deadline", async () => {
  const { posting, settled } = newPosting(KvPosting, never);
  await posting.post(COMMENT);
  await settled();
});
