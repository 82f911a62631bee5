import type { Page } from "@playwright/test";

/** Hides or shows a page, as switching tabs would: all headless pages count as visible. */
export async function setVisibility(page: Page, state: "hidden" | "visible") {
  await page.evaluate((visibilityState) => {
    Object.defineProperty(document, "visibilityState", {
      configurable: true,
      value: visibilityState,
    });
    document.dispatchEvent(new Event("visibilitychange"));
  }, state);
}
