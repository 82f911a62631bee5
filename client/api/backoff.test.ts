import { expect, test } from "vitest";
import { BACKOFF_MAX_MS, backoffMs, RETRY_AFTER_MAX_MS } from "./backoff";

test.each([
  [1, 1_000],
  [2, 2_000],
  [5, 16_000],
  [6, BACKOFF_MAX_MS],
  [2_000, BACKOFF_MAX_MS],
])("after %i failures the wait is between 0 and %i ms", (failures, bound) => {
  expect(backoffMs(failures, 0)).toBe(0);
  expect(backoffMs(failures, 0.5)).toBe(bound / 2);
  expect(backoffMs(failures, 1)).toBe(bound);
});

test("the wait is the server's Retry-After plus jitter", () => {
  expect(backoffMs(1, 0, 7_000)).toBe(7_000);
  expect(backoffMs(1, 0.5, 7_000)).toBe(7_500);
});

test("an excessive Retry-After is capped", () => {
  expect(backoffMs(1, 0, 86_400_000)).toBe(RETRY_AFTER_MAX_MS);
});
