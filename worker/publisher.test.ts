import { expect, test } from "vitest";
import { REBUILD_INTERVAL_MS } from "#schema/limits";
import { parseSpare } from "#schema/spare";
import { Publisher } from "./publisher";
import { WallState } from "./wall-state";

/** Remembers the published sequence, like the writer's journal. */
function newJournal() {
  let journaled = -1;
  return {
    published: () => journaled,
    publish: (sequence: number) => {
      journaled = sequence;
    },
  };
}

test("a pause set while a snapshot is being written is in the next one, also after a restart", async () => {
  let now = 1_790_000_000_000;
  let isPaused = false;
  const journal = newJournal();
  let written = () => {};
  const published: string[] = [];
  const open = () =>
    new Publisher({
      clock: { now: () => now, sleep: async () => {} },
      spare: {
        publish: (document) => {
          published.push(document);
          return new Promise((resolve) => {
            written = resolve;
          });
        },
        readSpare: async () => null,
      },
      journal,
      log: () => {},
      birth: 0,
      state: new WallState({ wall: "main", store: "teststor", birth: 0 }),
      rebuiltAt: () => now,
      isPaused: () => isPaused,
    });
  const publisher = open();
  const first = publisher.publish();
  isPaused = true;
  publisher.outdate();
  written();
  await first;
  expect(open().dueAt).not.toBeNull();
  now += REBUILD_INTERVAL_MS;
  const second = publisher.publish();
  written();
  await second;
  expect(published.map((document) => parseSpare(document)?.isPaused)).toEqual([false, true]);
  expect(publisher.dueAt).toBeNull();
  expect(open().dueAt).toBeNull();
});

test("an outdated publication without a message change is remembered across a restart", async () => {
  const journal = newJournal();
  const open = () =>
    new Publisher({
      clock: { now: () => 1_790_000_000_000, sleep: async () => {} },
      spare: { publish: async () => {}, readSpare: async () => null },
      journal,
      log: () => {},
      birth: 0,
      state: new WallState({ wall: "main", store: "teststor", birth: 0 }),
      rebuiltAt: () => 1,
      isPaused: () => true,
    });
  const publisher = open();
  await publisher.publish();
  expect(open().dueAt).toBeNull();
  publisher.outdate();
  expect(open().dueAt).not.toBeNull();
});
