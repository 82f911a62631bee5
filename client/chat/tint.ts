import type { CSSProperties } from "react";
import { readableColor } from "./readable-color";

/**
 * Sets a person's colour for the elements below, in both schemes: the style sheet picks one
 * (`--tint` in app/globals.css). Without a colour, the style sheet's default applies.
 */
export function tintOf(color: string): CSSProperties | undefined {
  if (!color) return undefined;
  const { dark, light } = readableColor(color);
  return { "--tint-dark": dark, "--tint-light": light } as CSSProperties;
}
