import { expect, test } from "vitest";
import { REBUILD_INTERVAL_MS } from "#schema/limits";
import { parseSpare, serialiseSpare } from "#schema/view/spare";
import { LATE_PUT_MS } from "./keys/late-put";
import { Publisher, type PublisherParts } from "./publisher";
import { WriterState } from "./state/state";

/** Stores the published sequence, as the writer's journal does. */
function newJournal() {
  let journaled = -1;
  return {
    published: () => journaled,
    publish: (sequence: number) => {
      journaled = sequence;
    },
  };
}

const NOW = 1_790_000_000_000;

/** A publisher of an empty wall, at a time that stands still. */
function newPublisher(parts: Partial<PublisherParts>) {
  return new Publisher({
    clock: { now: () => NOW, sleep: async () => {} },
    spare: { publish: async () => {}, readSpare: async () => null },
    journal: newJournal(),
    log: () => {},
    birth: 0,
    state: new WriterState({ wall: "main", store: "teststor", birth: 0 }),
    rebuiltAt: () => NOW,
    isPaused: () => false,
    rename: () => {},
    ...parts,
  });
}

test("a pause that comes while a snapshot is being written is in the next one, even after a restart", async () => {
  let now = NOW;
  let isPaused = false;
  const journal = newJournal();
  let written = () => {};
  const published: string[] = [];
  const open = () =>
    newPublisher({
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
      rebuiltAt: () => now,
      isPaused: () => isPaused,
    });
  const publisher = open();
  const first = publisher.publish();
  await expect.poll(() => published.length).toBe(1);
  isPaused = true;
  publisher.outdate();
  written();
  await first;
  expect(open().dueAt).not.toBeNull();
  now += REBUILD_INTERVAL_MS;
  const second = publisher.publish();
  await expect.poll(() => published.length).toBe(2);
  written();
  await second;
  expect(published.map((document) => parseSpare(document)?.isPaused)).toEqual([false, true]);
  expect(publisher.dueAt).toBeNull();
  expect(open().dueAt).toBeNull();
});

test("a snapshot outdated without a changed message is still due for publication after a restart", async () => {
  const journal = newJournal();
  const open = () => newPublisher({ journal, isPaused: () => true });
  const publisher = open();
  await publisher.publish();
  expect(open().dueAt).toBeNull();
  publisher.outdate();
  expect(open().dueAt).not.toBeNull();
});

test("a publisher that is closed while it waits publishes nothing", async () => {
  let found = (_text: string | null) => {};
  const published: string[] = [];
  const publisher = newPublisher({
    spare: {
      publish: async (document) => void published.push(document),
      readSpare: () =>
        new Promise((resolve) => {
          found = resolve;
        }),
    },
  });
  const publishing = publisher.publish();
  publisher.close();
  found(null);
  expect(await publishing).toBe(true);
  expect(await publisher.publish()).toBe(true);
  expect(published).toEqual([]);
});

test("a snapshot published by a clock that ran ahead is published once more, when no late put can follow", async () => {
  let now = NOW;
  let count = 0;
  const publisher = newPublisher({
    clock: { now: () => now, sleep: async () => {} },
    spare: {
      publish: async () => {
        count += 1;
        if (count === 1) throw new Error("refused, and takes effect later");
      },
      readSpare: async () => null,
    },
  });
  publisher.outdate();
  await publisher.publish();
  now += 3 * 3_600_000;
  await publisher.publish();
  expect(count).toBe(2);
  expect(publisher.dueAt).toBeNull();
  now = NOW + 30_000;
  const due = publisher.dueAt ?? 0;
  expect(due).toBeGreaterThanOrEqual(now + LATE_PUT_MS);
  now = due;
  await publisher.publish();
  expect(count).toBe(3);
  expect(publisher.dueAt).toBeNull();
});

test("a storage that was restored to an earlier time gets another name, though the disk refuses the first attempt", async () => {
  let now = NOW;
  const published = new WriterState({ wall: "main", store: "teststor", birth: 7 });
  const renames: number[] = [];
  const publisher = newPublisher({
    clock: { now: () => now, sleep: async () => {} },
    spare: {
      publish: async () => {},
      readSpare: async () => serialiseSpare(published.view, now, false),
    },
    rename: (sequence) => {
      renames.push(sequence);
      if (renames.length === 1) throw new Error("disk is full");
    },
  });
  expect(await publisher.publish()).toBe(false);
  now += REBUILD_INTERVAL_MS + LATE_PUT_MS;
  expect(await publisher.publish()).toBe(true);
  expect(renames).toEqual([7, 7]);
});
