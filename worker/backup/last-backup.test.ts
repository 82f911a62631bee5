import { expect, test } from "vitest";
import { ManualClock } from "../live/testing";
import { LastBackup } from "./last-backup";
import type { Bucket } from "./state";

const AT = 1_790_000_000_000;

function bucketWith(get: Bucket["get"]): Bucket {
  return { get, put: async () => ({}), list: async () => ({ objects: [], truncated: false }) };
}

function stored(at: number) {
  const state = JSON.stringify({ series: "x", last: { at, cursor: "a.1", end: "a.2" } });
  return { etag: "1", text: async () => state };
}

test("many questions read the bucket once a minute", async () => {
  const clock = new ManualClock();
  let reads = 0;
  const bucket = bucketWith(async () => stored(AT + reads++));
  const last = new LastBackup();
  const ask = () => last.at({ wall: "main", bucket, clock, log: () => {} });
  for (let n = 0; n < 50; n += 1) expect(await ask()).toBe(AT);
  await clock.advance(60_000);
  expect(await ask()).toBe(AT + 1);
  expect(reads).toBe(2);
});

test("a bucket that fails or never answers delays no status, and the known backup stays", async () => {
  const clock = new ManualClock();
  const answers: Bucket["get"][] = [
    async () => stored(AT),
    () => Promise.reject(new Error("R2 is away")),
    () => new Promise(() => {}),
  ];
  const bucket = bucketWith((key) => (answers.shift() as Bucket["get"])(key));
  const events: string[] = [];
  const last = new LastBackup();
  const ask = () =>
    last.at({ wall: "main", bucket, clock, log: (event) => void events.push(event) });
  expect(await ask()).toBe(AT);
  await clock.advance(60_000);
  expect(await ask()).toBe(AT);
  await clock.advance(60_000);
  const asked = ask();
  await clock.advance(10_000);
  expect(await asked).toBe(AT);
  expect(events).toEqual(["backup not known", "backup not known"]);
});
