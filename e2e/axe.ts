/** Runs axe-core on a page. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, type Page } from "@playwright/test";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Rules beyond axe's own choice. Targets of at least 24 px are WCAG 2.2, level AA. */
const RULES = { "target-size": { enabled: true } };

export async function expectNoAxeFinding(page: Page) {
  await page.evaluate(AXE);
  const findings = await page.evaluate(async (rules) => {
    // @ts-expect-error: the line above added axe to the window.
    const { violations } = await window.axe.run({ rules });
    return violations.map(({ id, nodes }: { id: string; nodes: { html: string }[] }) => [
      id,
      ...nodes.map(({ html }) => html.slice(0, 120)),
    ]);
  }, RULES);
  expect(findings).toEqual([]);
}
