/** The wall's type: four sizes, and nothing that a component's own style takes from a utility. */
import { expect, test } from "../fixtures";
import { message, open } from "../page";
import { scriptedWall } from "../scripted-wall";

const SIZES_PX = [12, 13, 15, 17];

for (const width of [360, 1440]) {
  test(`at ${width} px all text has one of four sizes`, async ({ page }) => {
    await page.setViewportSize({ width, height: 800 });
    const wall = await scriptedWall(page, 3);
    wall.add({ text: "an answer", username: "tide", type: "bot", replyTo: wall.idOf(1) });
    await open(page);
    await expect(message(page, "an answer")).toBeVisible();
    await page.keyboard.press("/");
    await page.getByRole("searchbox").waitFor();
    await page.getByRole("button", { name: "Help and settings" }).click();
    await page.getByRole("dialog").waitFor();
    expect((await page.evaluate(sizesOfText)).filter((size) => !SIZES_PX.includes(size))).toEqual(
      [],
    );
  });
}

/** Runs in the page. The computed sizes of all elements that show text, in CSS pixels. */
function sizesOfText(): number[] {
  const shown = [...document.querySelectorAll<HTMLElement>("body *")].filter((element) => {
    const hasText = [...element.childNodes].some(
      ({ nodeType, nodeValue }) => nodeType === Node.TEXT_NODE && nodeValue?.trim(),
    );
    const isField = element.matches(
      "input:not([type=radio],[type=checkbox],[type=color]),textarea",
    );
    return (hasText || isField) && element.checkVisibility();
  });
  return [
    ...new Set(shown.map((element) => Number.parseFloat(getComputedStyle(element).fontSize))),
  ];
}
