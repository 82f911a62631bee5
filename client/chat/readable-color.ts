/**
 * Shifts an author's colour until it is readable and calm. Only the shown colour changes, not the
 * stored one. Lightness and chroma are OKLCH's, in which equal steps look equal in every hue.
 */

/** WCAG AA for text. */
export const CONTRAST_MIN = 4.5;

/**
 * The lightest background of text in the dark scheme, and the darkest in the light one
 * (app/globals.css, with a margin for tints): a colour readable on these is readable on all.
 */
export const GROUNDS = { dark: "#1d1d20", light: "#ebebed" } as const;

/** As vivid as the palette's colours: beyond it, red looks like the page's own alarm. */
export const CHROMA_MAX = 0.15;

export type Scheme = keyof typeof GROUNDS;
type Channels = readonly [red: number, green: number, blue: number];
interface Lch {
  /** 0 to 1. */
  lightness: number;
  chroma: number;
  /** The direction of the hue, as a unit vector: no angle is needed. */
  hue: readonly [a: number, b: number];
}

/** Steps of each binary search; finer than a screen can show. */
const SEARCH_STEPS = 10;

const COLORS_REMEMBERED = 1_000;
const remembered = new Map<string, Record<Scheme, string>>();

/**
 * `#rrggbb`, lightened (dark scheme) or darkened (light scheme) only as far as needed, and no more
 * vivid than `CHROMA_MAX`. Keeps the hue.
 */
export function readableColor(color: string): Record<Scheme, string> {
  const known = remembered.get(color);
  if (known) return known;
  const readable = { dark: shift(color, "dark"), light: shift(color, "light") };
  if (remembered.size >= COLORS_REMEMBERED) remembered.clear();
  remembered.set(color, readable);
  return readable;
}

/** WCAG contrast ratio of two colours, 1 to 21. */
export function contrast(a: string, b: string): number {
  const [first, second] = [luminance(a), luminance(b)];
  return (Math.max(first, second) + 0.05) / (Math.min(first, second) + 0.05);
}

/** OKLCH chroma of `#rrggbb`: 0 for greys, about 0.3 for the most vivid colours. */
export function chromaOf(color: string): number {
  return lchOf(color).chroma;
}

function shift(color: string, scheme: Scheme): string {
  const isReadable = (shown: string) => contrast(shown, GROUNDS[scheme]) >= CONTRAST_MIN;
  const lch = lchOf(color);
  const calm = lch.chroma > CHROMA_MAX ? hexOf(lch, lch.lightness) : color;
  if (isReadable(calm)) return calm;
  const end = scheme === "dark" ? 1 : 0;
  const enough = closest(lch.lightness, end, (tried) => isReadable(hexOf(lch, tried)));
  return hexOf(lch, enough);
}

/** The value closest to `from`, on the way to `to`, that is `enough`; `to` is. */
function closest(from: number, to: number, isEnough: (tried: number) => boolean): number {
  let [tooLittle, enough] = [from, to];
  for (let step = 0; step < SEARCH_STEPS; step += 1) {
    const tried = (tooLittle + enough) / 2;
    if (isEnough(tried)) enough = tried;
    else tooLittle = tried;
  }
  return enough;
}

/** The hue at another lightness, as vivid as before, the limit and the screen permit. */
function hexOf({ chroma, hue }: Lch, lightness: number): string {
  const at = (tried: number) => linearOf(lightness, hue[0] * tried, hue[1] * tried);
  const isShown = (tried: number) => at(tried).every((share) => share >= 0 && share <= 1);
  const wanted = Math.min(chroma, CHROMA_MAX);
  const shown = at(isShown(wanted) ? wanted : closest(wanted, 0, isShown));
  return `#${shown.map((share) => byteOf(share).toString(16).padStart(2, "0")).join("")}`;
}

function lchOf(color: string): Lch {
  const [red, green, blue] = channelsOf(color);
  const l = Math.cbrt(0.412_221_47 * red + 0.536_332_54 * green + 0.051_445_99 * blue);
  const m = Math.cbrt(0.211_903_5 * red + 0.680_699_55 * green + 0.107_396_96 * blue);
  const s = Math.cbrt(0.088_302_46 * red + 0.281_718_84 * green + 0.629_978_7 * blue);
  const a = 1.977_998_5 * l - 2.428_592_21 * m + 0.450_593_71 * s;
  const b = 0.025_904_04 * l + 0.782_771_77 * m - 0.808_675_77 * s;
  const chroma = Math.hypot(a, b);
  return {
    lightness: 0.210_454_26 * l + 0.793_617_79 * m - 0.004_072_05 * s,
    chroma,
    hue: chroma === 0 ? [0, 0] : [a / chroma, b / chroma],
  };
}

/** Linear sRGB of an OKLab colour; outside 0 to 1 if no screen shows it. */
function linearOf(lightness: number, a: number, b: number): Channels {
  const l = (lightness + 0.396_337_78 * a + 0.215_803_76 * b) ** 3;
  const m = (lightness - 0.105_561_35 * a - 0.063_854_17 * b) ** 3;
  const s = (lightness - 0.089_484_18 * a - 1.291_485_55 * b) ** 3;
  return [
    4.076_741_66 * l - 3.307_711_59 * m + 0.230_969_93 * s,
    -1.268_438 * l + 2.609_757_4 * m - 0.341_319_4 * s,
    -0.004_196_09 * l - 0.703_418_61 * m + 1.707_614_7 * s,
  ];
}

/** Linear shares of `#rrggbb`, 0 to 1. */
function channelsOf(color: string): Channels {
  const value = Number.parseInt(color.slice(1), 16);
  return [linear((value >> 16) & 255), linear((value >> 8) & 255), linear(value & 255)];
}

function linear(byte: number): number {
  const share = byte / 255;
  return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}

function byteOf(share: number): number {
  const clipped = Math.min(1, Math.max(0, share));
  const shown = clipped <= 0.003_130_8 ? clipped * 12.92 : 1.055 * clipped ** (1 / 2.4) - 0.055;
  return Math.round(shown * 255);
}

function luminance(color: string): number {
  const [red, green, blue] = channelsOf(color);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
