import type { CSSProperties } from "react";
import { readableColor } from "./readable-color";

/**
 * The style that gives an element, and the elements inside it, a person's colour: one for the dark
 * scheme and one for the light. The style sheet picks one of them (`--tint` in app/globals.css), or
 * its default if there is no colour.
 */
export function tintOf(color: string): CSSProperties | undefined {
  if (!color) return undefined;
  const { dark, light } = readableColor(color);
  return { "--tint-dark": dark, "--tint-light": light } as CSSProperties;
}
