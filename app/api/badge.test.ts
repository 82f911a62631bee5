import { expect, test } from "vitest";
import { badgeSvg } from "./badge";

test.each(["ok", "late", "unknown"] as const)(
  "the badge says %s, and loads nothing",
  (condition) => {
    const svg = badgeSvg(condition);
    expect(svg).toContain(`aria-label="wall: ${condition}"`);
    expect(svg).toContain(`>${condition}</text>`);
    expect(svg.replace('xmlns="http://www.w3.org/2000/svg"', "")).not.toMatch(/http|href|style|@/);
  },
);

test("no condition looks like another", () => {
  const fills = (["ok", "late", "unknown"] as const).map((condition) =>
    [...badgeSvg(condition).matchAll(/fill="(#\w+)"/g)].map(([, fill]) => fill).join(),
  );
  expect(new Set(fills).size).toBe(3);
});
