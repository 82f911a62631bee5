import { expect, test } from "vitest";
import { CONTRAST_MIN, contrast, GROUNDS, readableColor } from "./readable-color";

const STEP = 0x0f;

/** A grid over all colours, including the corners. */
function* colors() {
  for (let red = 0; red <= 255; red += STEP * 3)
    for (let green = 0; green <= 255; green += STEP * 3)
      for (let blue = 0; blue <= 255; blue += STEP * 3)
        yield `#${[red, green, blue].map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

test("contrast is computed as WCAG defines it", () => {
  expect(contrast("#000000", "#ffffff")).toBeCloseTo(21);
  expect(contrast("#777777", "#ffffff")).toBeCloseTo(4.48, 2);
  expect(contrast("#ffffff", "#777777")).toBeCloseTo(4.48, 2);
});

test("every colour is readable in both schemes", () => {
  const unreadable: string[] = [];
  for (const color of colors()) {
    const { dark, light } = readableColor(color);
    if (contrast(dark, GROUNDS.dark) < CONTRAST_MIN) unreadable.push(`${color} dark ${dark}`);
    if (contrast(light, GROUNDS.light) < CONTRAST_MIN) unreadable.push(`${color} light ${light}`);
  }
  expect(unreadable).toEqual([]);
});

test.each([
  ["#ffff00", { dark: "#ffff00" }],
  ["#000080", { light: "#000080" }],
])("%s is unchanged where it is readable", (color, expected) => {
  expect(readableColor(color)).toMatchObject(expected);
});

test("a shifted colour keeps its hue", () => {
  const { dark } = readableColor("#0000ff");
  expect(dark).toMatch(/^#([0-9a-f]{2})\1ff$/);
  const { light } = readableColor("#ffff00");
  expect(light).toMatch(/^#([0-9a-f]{2})\1(00)$/);
});
