import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { suffixFromBytes } from "#schema/id";
import { hashOf, SuffixFilter } from "./suffix-filter";

const SALT = 0x1234567;

const hashes = (from: number, until: number) =>
  Array.from({ length: until - from }, (_, n) => {
    const digest = createHash("sha256")
      .update(`${from + n}`)
      .digest();
    return hashOf(suffixFromBytes(digest), SALT);
  });

test.each([0, 1, 2, 100, 5_000, 20_000, 40_000])(
  "a filter of %i suffixes misses none and rarely matches others",
  (count) => {
    const held = hashes(0, count);
    const filter = new SuffixFilter(held);
    expect(held.every((hash) => filter.mayHold(hash))).toBe(true);
    const others = hashes(count, count + 20_000);
    expect(others.filter((hash) => filter.mayHold(hash)).length).toBeLessThan(20_000 / 2_500);
  },
);
