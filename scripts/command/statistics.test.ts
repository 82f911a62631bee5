import { describe, expect, it } from "vitest";
import { median, percentile, ratio, rotated, spread } from "./statistics.mjs";

describe("statistics of a bench", () => {
  it("percentiles use the nearest rank, whatever the order of the values", () => {
    const values = [5, 1, 4, 2, 3];
    expect(percentile(values, 0)).toBe(1);
    expect(percentile(values, 0.5)).toBe(3);
    expect(percentile(values, 0.99)).toBe(5);
    expect(percentile([...Array(100).keys()], 0.99)).toBe(98);
    expect(percentile([], 0.5)).toBeNaN();
  });

  it("the median of an even number of values is the mean of the middle two", () => {
    expect(median([10, 9, 1, 2])).toBe(5.5);
    expect(median([10, 9, 1])).toBe(9);
  });

  it("reports the spread", () => {
    expect(spread([3, 1, 2])).toEqual({ median: 2, least: 1, most: 3, rounds: 3 });
  });

  it("a ratio compares two subjects round by round", () => {
    // In the second round the machine runs at half speed. That slows both subjects, and the ratio stays 0.8.
    expect(ratio([80, 40, 90], [100, 50, 100]).median).toBeCloseTo(0.8);
    expect(() => ratio([1, 2], [1])).toThrow("2 rounds have no ratio to 1");
  });

  it("each round begins with the next subject", () => {
    expect([0, 1, 2, 3].map((round) => rotated(["a", "b", "c"], round).join(""))).toEqual([
      "abc",
      "bca",
      "cab",
      "abc",
    ]);
  });
});
