import { expect, test } from "vitest";
import type { StoredComment } from "#schema/comment";
import { makeId } from "#schema/id";
import type { MessageStore } from "../ledger/messages";
import { Records } from "./records";
import type { Sequencer } from "./sequencer";
import { WriterState } from "./state/state";

const START = 1_790_000_000_000;

test("a copy of a removed message stays a merge, while a copy with text is hidden", () => {
  const state = new WriterState({ wall: "main", store: "teststor", birth: 0 });
  const [first, copy] = [makeId(START, "the0nonces"), makeId(START + 1, "the0nonces")];
  state.apply({ record: { id: first, removed: true, sequence: 1 } }, START);
  const sequencer = { commit: () => 0 } as unknown as Sequencer;
  const records = new Records({ messages: undefined, state, sequencer });
  const merged = { id: copy, mergedInto: first, sequence: 1 };
  expect(records.asKnown(merged)).toEqual(merged);
  const text = { id: copy, text: "seen", botParams: {}, sequence: 1 } as unknown as StoredComment;
  expect(records.asKnown(text)).toEqual({ id: copy, removed: true, sequence: 1 });
});

test("a merged copy stays merged when its key is read as it was before", () => {
  const state = new WriterState({ wall: "main", store: "teststor", birth: 0 });
  const [first, copy] = [makeId(START, "the0nonces"), makeId(START + 1, "the0nonces")];
  state.apply({ record: { id: copy, mergedInto: first, sequence: 1 } }, START);
  const sequencer = { commit: () => 0 } as unknown as Sequencer;
  const records = new Records({ messages: undefined, state, sequencer });
  const stale = { id: copy, text: "seen", botParams: {}, sequence: 0 } as unknown as StoredComment;
  expect(records.asKnown(stale)).toEqual({ id: copy, mergedInto: first, sequence: 1 });
});

test("a short page behind many removed messages takes few queries", () => {
  const state = new WriterState({ wall: "main", store: "teststor", birth: 0 });
  const ids = Array.from({ length: 1_000 }, (_, n) => makeId(START - n, "the0nonces"));
  let queries = 0;
  const behind = (after: string, limit: number) => {
    queries += 1;
    const from = ids.indexOf(after) + 1;
    return ids.slice(from, from + limit).map((id) => ({
      id,
      sequence: 1,
      body: JSON.stringify({ id, removed: true, sequence: 1 }),
      changed: null,
      processed: null,
    }));
  };
  const sequencer = { commit: () => 0 } as unknown as Sequencer;
  const messages = { behind } as unknown as MessageStore;
  const { removed = [], ...page } = new Records({ messages, state, sequencer }).history({
    before: { id: makeId(START + 1, "the0nonces") },
    limit: 1,
  });
  expect(page.comments).toEqual([]);
  expect(removed.length).toBeGreaterThanOrEqual(500);
  expect(page.nextBefore).toBe(removed.at(-1));
  expect(queries).toBeLessThanOrEqual(10);
});
