import { expect, test } from "vitest";
import { playwrightCounts, sentence, sum, vitestCounts } from "./counts.mjs";

test("vitest: a file that can't be loaded is one failure", () => {
  const counts = vitestCounts({
    numPassedTests: 5,
    numFailedTests: 1,
    numPendingTests: 1,
    numTodoTests: 1,
    testResults: [
      { status: "passed", assertionResults: [] },
      { status: "failed", assertionResults: [{ status: "failed" }] },
      { status: "failed", assertionResults: [] },
    ],
  });
  expect(counts).toEqual({ passed: 5, failed: 2, skipped: 2 });
});

test("playwright: an error outside of any test is a failure, and so is a flaky test", () => {
  const stats = { expected: 3, unexpected: 1, flaky: 1, skipped: 2 };
  expect(playwrightCounts({ stats, errors: [{}] })).toEqual({ passed: 3, failed: 3, skipped: 2 });
});

test("one line for the whole run", () => {
  const one = { passed: 1, failed: 0, skipped: 0 };
  expect(sentence(sum([one, { passed: 2, failed: 1, skipped: 0 }]))).toBe("3 passed, 1 failed");
  expect(sentence(sum([one, { passed: 0, failed: 0, skipped: 4 }]))).toBe(
    "1 passed, 0 failed, 4 skipped",
  );
});
