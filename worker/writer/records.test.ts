import { expect, test } from "vitest";
import type { StoredComment } from "#schema/comment";
import { makeId } from "#schema/id";
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
