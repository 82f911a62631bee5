import { expect, test } from "vitest";
import type { StoredComment } from "#schema/comment";
import { makeId } from "#schema/id";
import { NONCE_LIFETIME_MS } from "#schema/limits";
import { type Proposal, removal, withProcessed } from "../../record";
import { HELD_SIZE } from "./held";
import { WriterState } from "./state";

const START = 1_790_000_000_000;
const HOUR_MS = 60 * 60 * 1_000;

const newState = () => new WriterState({ wall: "main", store: "teststor", birth: 0 });

/** The n-th message, sent at `timestamp`; without `n`, one of the messages that share a nonce. */
function comment(timestamp: number, n?: number): StoredComment {
  return {
    id: makeId(timestamp, n === undefined ? "the0nonces" : String(n).padStart(10, "0")),
    timestamp,
    text: `at ${timestamp}`,
    username: "anonymous",
    color: "#aabbcc",
    type: "human",
    ...(n === undefined && { nonce: "the-nonce" }),
    botParams: { processed: false },
    sequence: 0,
  };
}

function applyAll(state: WriterState, proposals: readonly Proposal[], at = START): void {
  for (const change of state.sequenced(proposals)) state.apply(change, at);
}

test("messages with one nonce that arrive together are merged within a day, and stay apart beyond it", () => {
  const state = newState();
  const [first, copy, another] = [0, 1, NONCE_LIFETIME_MS + 1].map((ms) => comment(START + ms));
  applyAll(state, state.propose([another, copy, first] as StoredComment[]));
  expect(state.view.window.map(({ id }) => id)).toEqual([another?.id, first?.id]);
  expect(state.canonical(copy?.id ?? "")).toBe(first?.id);
});

test("an evicted copy passes its processed mark to an older copy that is found later", () => {
  const state = newState();
  const [elder, copy] = [comment(START), comment(START + 1)];
  applyAll(state, [{ record: copy }]);
  applyAll(state, [{ record: withProcessed(copy, true), unwritten: true }]);
  for (let n = 0; n < HELD_SIZE; n += 1) applyAll(state, [{ record: comment(START + 2 + n, n) }]);
  expect(state.known(copy.id)).toBeUndefined();
  applyAll(state, state.propose([elder]));
  expect(state.pending.get(elder.id)).toBeUndefined();
  expect(state.withMarks(elder).botParams.processed).toBe(true);
});

test("a mark is remembered for an hour after its key was written, however late that was", () => {
  const state = newState();
  const marked = withProcessed(comment(START), true);
  applyAll(state, [{ record: marked, unwritten: true }], START);
  const writtenAt = START + 3 * HOUR_MS;
  state.forget(writtenAt);
  state.settle(marked.id, state.view.sequence, writtenAt);
  state.forget(writtenAt + HOUR_MS);
  expect(state.marksOf([marked.id])).toMatchObject([{ processed: true }]);
  state.forget(writtenAt + HOUR_MS + 1);
  expect(state.marksOf([marked.id])).toEqual([]);
});

test("a merge is remembered for an hour after its key was written; after that only the key has it", () => {
  const state = newState();
  const [first, copy] = [comment(START), comment(START + 1)];
  applyAll(state, [{ record: first }]);
  applyAll(state, state.propose([copy]));
  expect(state.canonical(copy.id)).toBe(first.id);
  state.settle(copy.id, state.view.sequence, START);
  state.forget(START + HOUR_MS);
  expect(state.canonical(copy.id)).toBe(first.id);
  state.forget(START + HOUR_MS + 1);
  expect(state.marksOf([copy.id])).toEqual([]);
  // If its first value is read once more, it is merged again.
  expect(state.propose([copy])).toMatchObject([{ record: { mergedInto: first.id } }]);
});

test("a nonce names a new message 24 hours after a removed one, whenever copies of that one came", () => {
  const state = newState();
  const [first, copy, next] = [0, 20, 25].map((hours) => comment(START + hours * HOUR_MS));
  if (!first || !copy || !next) throw new Error("three messages");
  applyAll(state, state.propose([first]));
  applyAll(state, [removal(first.id)]);
  applyAll(state, state.propose([copy]), copy.timestamp);
  state.forget(copy.timestamp);
  expect(state.isRemoved(copy.id)).toBe(true);
  applyAll(state, state.propose([next]), next.timestamp);
  expect(state.view.window.map(({ id }) => id)).toEqual([next.id]);
  expect(state.isRemoved(next.id)).toBe(false);
});

test("a copy of a removed message is removed when it is found, also after its nonce was forgotten", () => {
  const state = newState();
  const [first, copy] = [comment(START), comment(START + 23 * HOUR_MS)];
  applyAll(state, state.propose([first]));
  applyAll(state, [removal(first.id)]);
  state.forget(START + 24.5 * HOUR_MS);
  expect(state.marksOf([copy.id])).toMatchObject([{ removed: true }]);
  applyAll(state, state.propose([copy]), START + 24.5 * HOUR_MS);
  expect(state.view.window).toEqual([]);
});

test("a comment whose removal is undone is found again under all its ids, and stays so after a restart", () => {
  const state = newState();
  const [first, copy] = [comment(START), comment(START + 1)];
  applyAll(state, state.propose([first, copy]));
  applyAll(state, [removal(first.id), removal(copy.id)]);
  expect(state.isRemoved(copy.id)).toBe(true);
  const copies = state.removedCopiesOf([first.id]);
  expect(copies).toEqual(new Map([[first.id, [copy.id]]]));
  applyAll(state, [
    { record: first, unwritten: true },
    { record: { id: copy.id, mergedInto: first.id, sequence: 0 }, unwritten: true },
  ]);
  const rows = [...state.checkpoint()];
  const journal = { read: () => [rows], archives: () => [], archivedId: () => null };
  const head = { wall: "main", store: "teststor", birth: 0 };
  const { state: restored } = WriterState.restore(head, journal, START);
  for (const each of [state, restored]) {
    expect(each.isRemoved(first.id)).toBe(false);
    expect(each.isRemoved(copy.id)).toBe(false);
    expect(each.canonical(copy.id)).toBe(first.id);
    expect(each.view.window.map(({ id }) => id)).toEqual([first.id]);
    expect(each.pending.get(first.id)).toBeDefined();
    each.forget(START + 1);
    expect(each.isRemoved(first.id)).toBe(false);
  }
});

test("a restart repeats the key writes that a clock settled which ran ahead", () => {
  const state = newState();
  const [gone] = [comment(START, 1)];
  applyAll(state, [{ record: gone }]);
  applyAll(state, [removal(gone.id)]);
  const { sequence } = state.view;
  const rows = [...state.checkpoint()];
  const restart = (at: number) => {
    const written = {
      kind: "written" as const,
      records: [[gone.id, sequence] as [string, number]],
    };
    const all = [...rows, { ...written, at }];
    const journal = { read: () => [all], archives: () => [], archivedId: () => null };
    const head = { wall: "main", store: "teststor", birth: 0 };
    return WriterState.restore(head, journal, START + 60_000).state.unwritten.has(gone.id);
  };
  expect(restart(START + 1_000)).toBe(false);
  expect(restart(START + 3 * HOUR_MS)).toBe(true);
});

test("a stale tombstone does not remove a comment again whose removal was undone", () => {
  const state = newState();
  const [gone] = [comment(START, 1)];
  applyAll(state, [{ record: gone }]);
  applyAll(state, [removal(gone.id)]);
  const { sequence } = state.view;
  applyAll(state, [{ record: gone, unwritten: true }]);
  state.recallRemoval({ id: gone.id, removed: true, sequence }, START);
  expect(state.isRemoved(gone.id)).toBe(false);
  applyAll(state, [removal(gone.id)]);
  expect(state.isRemoved(gone.id)).toBe(true);
});
