import type { CSSProperties } from "react";
import { readableColor } from "./readable-color";

/**
 * A person's colour for the elements under this one, in both schemes: the style sheet picks the one
 * that the system asks for (`--tint` in app/globals.css). Without a colour, the style sheet's own.
 */
export function tintOf(color: string): CSSProperties | undefined {
  if (!color) return undefined;
  const { dark, light } = readableColor(color);
  return { "--tint-dark": dark, "--tint-light": light } as CSSProperties;
}
