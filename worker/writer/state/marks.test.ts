import { expect, test } from "vitest";
import { makeId } from "#schema/id";
import { NONCE_LIFETIME_MS } from "#schema/limits";
import { Marks, REMOVALS_MAX } from "./marks";

const START = 1_790_000_000_000;
const idOf = (n: number) => makeId(START + n, n.toString(36).padStart(10, "0"));
const removal = (n: number) => ({ id: idOf(n), removed: true as const, sequence: n });
const never = () => false;

test("the oldest removals leave memory when there are too many, unless their keys are not written yet", () => {
  const marks = new Marks();
  for (let n = 0; n < REMOVALS_MAX + 100; n += 1) marks.remove(removal(n), START + n);
  marks.set({ id: idOf(-1), sequence: 0, at: START, processed: true });
  marks.forget(START + REMOVALS_MAX, (id) => id === idOf(0));
  expect(marks.isRemoved(idOf(0))).toBe(true);
  expect(marks.isRemoved(idOf(1))).toBe(false);
  expect(marks.isRemoved(idOf(100))).toBe(false);
  expect(marks.isRemoved(idOf(101))).toBe(true);
  expect(marks.isRemoved(idOf(REMOVALS_MAX))).toBe(true);
  // A flag is no removal.
  expect([...marks.values()]).toHaveLength(REMOVALS_MAX + 1);
});

test("an undone, merged or expired removal hides no copy of its message", () => {
  const copy = makeId(START + 5_000, "0000000001");
  const { id, ...rest } = removal(1);
  const after = {
    undone: (marks: Marks) => marks.set({ id, sequence: 2, at: START, undone: true }),
    merged: (marks: Marks) => marks.set({ id, sequence: 2, at: START, mergedInto: idOf(2) }),
    expired: (marks: Marks) => marks.forget(START + 2 * NONCE_LIFETIME_MS, never),
  };
  for (const change of Object.values(after)) {
    const marks = new Marks();
    marks.remove({ id, ...rest }, START);
    expect(marks.isRemoved(copy)).toBe(true);
    change(marks);
    expect(marks.isRemoved(copy)).toBe(false);
  }
});
