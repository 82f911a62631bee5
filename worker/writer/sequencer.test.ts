/** Journaling of changes: rows that fit into SQLite, and rotations that fail. */
import { expect, test } from "vitest";
import type { StoredComment } from "#schema/comment";
import { makeId } from "#schema/id";
import { CHANGE_LOG_SIZE } from "#schema/limits";
import type { Journal, JournalRow, NonceArchive } from "../journal/journal";
import { Operations } from "../platform/operations";
import { Claims } from "./claims";
import { Sequencer } from "./sequencer";
import { WriterState } from "./state/state";

const START = 1_790_000_000_000;
/** Largest row of a Durable Object's SQLite. */
const SQLITE_ROW_BYTES = 2_000_000;
const HEAD = { wall: "main", store: "teststor", birth: 0 };

function comment(n: number, text = `message ${n}`): StoredComment {
  const id = makeId(START + n, String(n).padStart(10, "0"));
  const nonce = `nonce-of-the-message-${n}`;
  const botParams = { processed: false };
  const rest = { username: "anonymous", color: "#aabbcc", type: "human" as const };
  return { id, timestamp: START + n, text, ...rest, nonce, botParams, sequence: 0 };
}

/** A journal in memory. */
function newJournal() {
  const journal = {
    generations: [[], []] as [string[], string[]],
    nonces: [] as NonceArchive[],
    failing: false,
    rotations: 0,
    rows: () => journal.generations.flat(),
    atOnce: (work: () => void) => work(),
    append: (row: JournalRow) => void journal.generations[1].push(JSON.stringify(row)),
    read: () => journal.generations.map((rows) => rows.map((row) => JSON.parse(row))),
    rotate: (checkpoint: Iterable<JournalRow>, nonces: readonly NonceArchive[]) => {
      journal.rotations += 1;
      const rows = Array.from(checkpoint, (row) => JSON.stringify(row));
      if (journal.failing) throw new Error("SQLITE_FULL");
      journal.generations = [journal.generations[1], rows];
      return nonces.map((archive) => journal.nonces.push(archive) - 1);
    },
    archives: () => journal.nonces.map((archive, key) => ({ ...archive, key })),
    archivedId: (key: number, suffix: string) =>
      journal.nonces[key]?.ids.find((id) => id.endsWith(suffix)) ?? null,
  };
  return journal;
}

function open(
  journal: ReturnType<typeof newJournal>,
  clock: { now: number },
  logged: string[] = [],
) {
  const real = journal as unknown as Journal;
  const { state, changes, readUntil } = WriterState.restore(HEAD, real, clock.now);
  const sequencer = new Sequencer(
    {
      clock: { now: () => clock.now, sleep: async () => {} },
      journal: real,
      operations: new Operations(),
      state,
      claims: new Claims(),
      progress: () => ({ rebuiltAt: START, readUntil: START - 60_000 }),
      onUnwritten: () => {},
      onMerged: () => {},
      onCommitted: () => {},
      log: (event) => void logged.push(event),
    },
    changes,
  );
  return { state, sequencer, readUntil };
}

test("a restart knows up to which time every key was read", () => {
  const journal = newJournal();
  const clock = { now: START };
  const first = open(journal, clock);
  expect(first.readUntil).toBe(0);
  first.sequencer.commit([{ record: comment(1) }]);
  expect(open(journal, clock).readUntil).toBe(START - 60_000);
});

/** Texts that grow most as JSON in UTF-8. */
test.each([
  ["emoji", "\u{1f600}".repeat(1_000)],
  ["Chinese", "\u5b57".repeat(1_000)],
  ["lone surrogates", "\ud83d".repeat(1_000)],
])("with the longest messages of %s no row exceeds SQLite's limit", (_name, text) => {
  const journal = newJournal();
  const clock = { now: START };
  const { sequencer, state } = open(journal, clock);
  for (let n = 0; n < CHANGE_LOG_SIZE; n += 1) {
    sequencer.arrive(comment(n, text));
    // As long as the batches of a start after an outage.
    if (n % 1_000 === 999) sequencer.commit();
  }
  expect(journal.rotations).toBe(1);
  const longest = Math.max(...journal.rows().map((row) => Buffer.byteLength(row)));
  expect(longest).toBeLessThan(SQLITE_ROW_BYTES);
  const again = open(journal, clock).state;
  expect(again.view.window).toEqual(state.view.window);
  expect(again.pending.size).toBe(state.pending.size);
});

test("a record far longer than a message may be gets a row of its own", () => {
  const journal = newJournal();
  const { sequencer } = open(journal, { now: START });
  for (let n = 0; n < 3; n += 1) sequencer.arrive(comment(n, "x".repeat(900_000)));
  while (journal.rotations === 0) {
    for (let n = 10; n < 1_010; n += 1)
      sequencer.arrive(comment(n + 1_000 * journal.rows().length));
    sequencer.commit();
  }
  const longest = Math.max(...journal.rows().map((row) => Buffer.byteLength(row)));
  expect(longest).toBeLessThan(SQLITE_ROW_BYTES);
});

test("a failed rotation is logged and retried at growing intervals, while commits continue", () => {
  const journal = newJournal();
  const clock = { now: START };
  const logged: string[] = [];
  const { sequencer, state } = open(journal, clock, logged);
  journal.failing = true;
  let n = 0;
  const commitOne = () => {
    sequencer.arrive(comment(n));
    n += 1;
    expect(sequencer.commit()).toBe(1);
  };
  while (n < CHANGE_LOG_SIZE) commitOne();
  expect(journal.rotations).toBe(1);
  expect(logged).toEqual(["journal not rotated"]);
  commitOne();
  expect(journal.rotations).toBe(1);
  for (let second = 0; second < 600; second += 1) {
    clock.now += 1_000;
    commitOne();
  }
  expect(journal.rotations).toBeGreaterThan(5);
  expect(journal.rotations).toBeLessThan(20);
  expect(open(journal, clock).state.view.sequence).toBe(n);

  journal.failing = false;
  clock.now += 600_000;
  const before = journal.rotations;
  commitOne();
  commitOne();
  expect(journal.rotations).toBe(before + 1);
  for (const known of [state, open(journal, clock).state]) {
    expect(known.view.sequence).toBe(n);
    expect(known.nonces.ofCopy(comment(0).id)).toBe(comment(0).id);
    expect(known.nonces.ofCopy(comment(n - 1).id)).toBe(comment(n - 1).id);
  }
});
