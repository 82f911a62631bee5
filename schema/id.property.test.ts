import fc from "fast-check";
import { expect, test } from "vitest";
import { cleanText } from "./check/text";
import { formatCursor, parseCursor } from "./cursor";
import { compareIds, idOfKey, keyOf, makeId, suffixOf, timestampOf } from "./id";

const RUNS = { seed: 20_261_124, numRuns: 500 };
const suffixes = fc.stringMatching(/^[0-9a-z]{10}$/);
const ids = fc
  .tuple(fc.integer({ min: 0, max: 9_999_999_999_999 }), suffixes)
  .map(([time, suffix]) => makeId(time, suffix));
/** Few distinct milliseconds, so that equal timestamps are common. */
const closeIds = fc
  .tuple(fc.integer({ min: 1_767_225_600_000, max: 1_767_225_600_003 }), suffixes)
  .map(([time, suffix]) => makeId(time, suffix));
const walls = fc.constantFrom("main", "a-branch", "main-2");

test("the order of ids is the order in which KV lists their keys", () => {
  fc.assert(
    fc.property(fc.oneof(ids, closeIds), fc.oneof(ids, closeIds), walls, (a, b, wall) => {
      const [first, second] = [keyOf(wall, a), keyOf(wall, b)];
      const byKey = first < second ? -1 : first > second ? 1 : 0;
      expect(Math.sign(compareIds(a, b))).toBe(byKey);
    }),
    RUNS,
  );
});

test("a key and the parts of an id give the id back", () => {
  fc.assert(
    fc.property(ids, walls, (id, wall) => {
      expect(idOfKey(wall, keyOf(wall, id))).toBe(id);
      expect(makeId(timestampOf(id), suffixOf(id))).toBe(id);
    }),
    RUNS,
  );
});

test("a cursor survives formatting, and no other text parses as one", () => {
  const stores = fc.stringMatching(/^[0-9a-z]{8}$/);
  fc.assert(
    fc.property(stores, fc.maxSafeNat(), (store, sequence) => {
      expect(parseCursor(formatCursor({ store, sequence }))).toEqual({ store, sequence });
    }),
    RUNS,
  );
  fc.assert(
    fc.property(fc.string(), (text) => {
      const cursor = parseCursor(text);
      if (cursor) expect(Number(formatCursor(cursor).slice(9))).toBe(Number(text.slice(9)));
    }),
    RUNS,
  );
});

test("cleaning text twice changes nothing", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(cleanText(cleanText(text))).toBe(cleanText(text));
    }),
    RUNS,
  );
});
