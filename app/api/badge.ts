/** The wall's condition as a small picture, for pages elsewhere. */
import type { Condition } from "#schema/status";

const LABEL = "wall";
const HEIGHT = 20;
const PADDING = 7;
/** Character width of the widest usual typeface at 11 px; `textLength` makes any other fit. */
const CHARACTER_WIDTH = 6.6;

/** White letters on each have a contrast of 4.5 and more. */
const LABEL_FILL = "#45454d";
const FILLS: Record<Condition, string> = { ok: "#12703c", late: "#a34a00", unknown: "#66666f" };

export function badgeSvg(condition: Condition): string {
  const left = widthOf(LABEL) + 2 * PADDING;
  const width = left + widthOf(condition) + 2 * PADDING;
  const title = `${LABEL}: ${condition}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${HEIGHT}" role="img" aria-label="${title}">
<title>${title}</title>
<clipPath id="r"><rect width="${width}" height="${HEIGHT}" rx="4"/></clipPath>
<g clip-path="url(#r)"><rect width="${left}" height="${HEIGHT}" fill="${LABEL_FILL}"/><rect x="${left}" width="${width - left}" height="${HEIGHT}" fill="${FILLS[condition]}"/></g>
<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">${text(PADDING, LABEL)}${text(left + PADDING, condition)}</g>
</svg>
`;
}

function text(x: number, words: string): string {
  return `<text x="${x}" y="14" textLength="${widthOf(words)}">${words}</text>`;
}

function widthOf(words: string): number {
  return Math.round(words.length * CHARACTER_WIDTH);
}
