/** Focus and colours that can be seen. */
import type { Page } from "@playwright/test";
import { expect, LONG, test } from "../fixtures";
import { message, open } from "../page";
import { scriptedWall } from "../scripted-wall";

test.describe("in forced colours", () => {
  test.use({ forcedColors: "active" });

  test(
    "a focused row has an outline, and the colours to choose from can be told apart",
    LONG,
    async ({ page }) => {
      await scriptedWall(page, 3);
      await open(page);
      await page.keyboard.press("k");
      await expect(message(page, "message 3")).toHaveCSS("outline-style", "solid");
      await page.getByRole("button", { name: "Your colour" }).click();
      const swatches = page.getByRole("radio");
      await expect(swatches).toHaveCount(12);
      const shown = await swatches.evaluateAll((all) =>
        all.map((swatch) => getComputedStyle(swatch).backgroundColor),
      );
      expect(new Set(shown).size).toBe(12);
      const chosen = swatches.first();
      await chosen.focus();
      await page.keyboard.press("Space");
      await expect(chosen).toBeChecked();
      await expect(chosen).toHaveCSS("outline-style", "solid");
    },
  );
});

/** Contrast of two colours as `rgb(…)`, by WCAG's formula. */
function contrast(one: string, other: string): number {
  const luminance = (color: string) => {
    const [r = 0, g = 0, b = 0] = (color.match(/[\d.]+/g) ?? []).map((part) => {
      const share = Number(part) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

const painted = (page: Page, selector: string, property: string) =>
  page.evaluate(
    ([selector, property]) => {
      const style = getComputedStyle(document.querySelector(selector as string) as Element);
      // A canvas turns every notation of a colour into bytes.
      const pen = new OffscreenCanvas(1, 1).getContext("2d") as OffscreenCanvasRenderingContext2D;
      pen.fillStyle = style.getPropertyValue(property as string);
      pen.fillRect(0, 0, 1, 1);
      return `rgb(${pen.getImageData(0, 0, 1, 1).data.slice(0, 3).join(", ")})`;
    },
    [selector, property],
  );

for (const colorScheme of ["dark", "light"] as const) {
  test.describe(`in the ${colorScheme} scheme`, () => {
    test.use({ colorScheme });

    test("the border of the admin's field stands out at 3:1", LONG, async ({ page }) => {
      await page.goto("/admin");
      await page.getByLabel("Admin token").waitFor();
      const border = await painted(page, ".search-field", "border-top-color");
      for (const [selector, ground] of [
        [".search-field", "its own"],
        [".wall", "the page's"],
      ] as const) {
        const inside = await painted(page, selector, "background-color");
        expect(contrast(border, inside), ground).toBeGreaterThanOrEqual(3);
      }
    });

    test("a focused row is outlined at 3:1 against the page", LONG, async ({ page }) => {
      await scriptedWall(page, 3);
      await open(page);
      await page.keyboard.press("k");
      const row = message(page, "message 3");
      await expect(row).toBeFocused();
      await expect(row).toHaveCSS("outline-style", "solid");
      await expect(row).toHaveCSS("outline-width", "2px");
      const ground = await painted(page, ".wall", "background-color");
      const outline = await painted(page, "article:focus", "outline-color");
      expect(contrast(outline, ground)).toBeGreaterThanOrEqual(3);
    });
  });
}
