/** Runs axe-core on a page. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, type Page } from "@playwright/test";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Rules beyond axe's own choice. Targets of at least 24 px are WCAG 2.2, level AA. */
const RULES = { "target-size": { enabled: true } };

/** The part of an axe finding that a failed test prints: the element, and with which figures it fails. */
interface AxeNode {
  html: string;
  failureSummary: string;
}

/** Waits for motion that ends by itself: while a row fades in, its text has less contrast than it will have. */
async function motionEnded(page: Page) {
  await page.evaluate(async () => {
    const ends = document
      .getAnimations()
      .filter(({ effect }) => Number.isFinite(effect?.getComputedTiming().endTime))
      .map((animation) => animation.finished);
    // An element that is removed cancels its animation.
    await Promise.allSettled(ends);
  });
}

export async function expectNoAxeFinding(page: Page) {
  await motionEnded(page);
  await page.evaluate(AXE);
  const findings = await page.evaluate(async (rules) => {
    // @ts-expect-error: the line above added axe to the window.
    const { violations } = await window.axe.run({ rules });
    return violations.map(({ id, nodes }: { id: string; nodes: AxeNode[] }) => [
      id,
      ...nodes.map(({ html, failureSummary }) => `${html.slice(0, 120)}: ${failureSummary}`),
    ]);
  }, RULES);
  expect(findings).toEqual([]);
}
