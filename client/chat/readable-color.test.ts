import fc from "fast-check";
import { expect, test } from "vitest";
import { PALETTE } from "./identity";
import {
  CHROMA_MAX,
  CONTRAST_MIN,
  chromaOf,
  contrast,
  GROUNDS,
  readableColor,
} from "./readable-color";

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

/** A byte of colour more or less, in OKLCH chroma. */
const ROUNDING = 0.004;

const anyColor = fc
  .integer({ min: 0, max: 0xff_ff_ff })
  .map((value) => `#${value.toString(16).padStart(6, "0")}`);

test("any colour is readable, and none is as vivid as an alarm", () => {
  fc.assert(
    fc.property(anyColor, (color) => {
      const shown = readableColor(color);
      for (const scheme of ["dark", "light"] as const) {
        expect(shown[scheme]).toMatch(/^#[0-9a-f]{6}$/);
        expect(contrast(shown[scheme], GROUNDS[scheme])).toBeGreaterThanOrEqual(CONTRAST_MIN);
        expect(chromaOf(shown[scheme])).toBeLessThanOrEqual(CHROMA_MAX + ROUNDING);
      }
    }),
    { numRuns: 2_000 },
  );
});

test("a readable, calm colour is unchanged, and a grey stays grey", () => {
  expect(readableColor("#85a8ff").dark).toBe("#85a8ff");
  expect(readableColor("#0b6b9a").light).toBe("#0b6b9a");
  for (const grey of ["#000000", "#808080", "#ffffff"])
    for (const shown of Object.values(readableColor(grey))) expect(shown).toMatch(/^#(..)\1\1$/);
});

test("red and orange are shown calmer and keep their hue", () => {
  for (const color of ["#ff0000", "#ff6a00"]) {
    const { dark } = readableColor(color);
    expect(dark).not.toBe(color);
    const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(dark.slice(at, at + 2), 16));
    expect(red).toBeGreaterThan(green ?? 0);
    expect(green).toBeGreaterThan(blue ?? 0);
  }
});

test("the palette's colours stay apart in both schemes", () => {
  for (const scheme of ["dark", "light"] as const)
    expect(new Set(PALETTE.map((color) => readableColor(color)[scheme])).size).toBe(PALETTE.length);
});
