/**
 * Shifts an author's colour until it is readable. Only the shown colour changes, not the stored
 * one.
 */

/** WCAG AA for text. */
export const CONTRAST_MIN = 4.5;

/**
 * The lightest background of text in the dark scheme, and the darkest in the light one
 * (app/globals.css, with a margin for tints): a colour readable on these is readable on all.
 */
export const GROUNDS = { dark: "#1d1d20", light: "#ebebed" } as const;

export type Scheme = keyof typeof GROUNDS;
type Channels = readonly [red: number, green: number, blue: number];

/** Steps of the binary search for the lightness; finer than a screen can show. */
const SEARCH_STEPS = 10;

const COLORS_REMEMBERED = 1_000;
const remembered = new Map<string, Record<Scheme, string>>();

/**
 * `#rrggbb`, lightened (dark scheme) or darkened (light scheme) only as far as needed. Keeps the
 * hue.
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
  const [first, second] = [luminance(channelsOf(a)), luminance(channelsOf(b))];
  return (Math.max(first, second) + 0.05) / (Math.min(first, second) + 0.05);
}

function shift(color: string, scheme: Scheme): string {
  const isReadable = (shown: string) => contrast(shown, GROUNDS[scheme]) >= CONTRAST_MIN;
  if (isReadable(color)) return color;
  const channels = channelsOf(color);
  let [tooLittle, enough] = [lightnessOf(channels), scheme === "dark" ? 255 : 0];
  for (let step = 0; step < SEARCH_STEPS; step += 1) {
    const tried = (tooLittle + enough) / 2;
    if (isReadable(withLightness(channels, tried))) enough = tried;
    else tooLittle = tried;
  }
  return withLightness(channels, enough);
}

/** HSL lightness, 0 to 255. */
function lightnessOf(channels: Channels): number {
  return (Math.max(...channels) + Math.min(...channels)) / 2;
}

/**
 * The colour with another lightness but the same HSL hue and saturation: each channel's distance
 * from the lightness is scaled by the room left to the nearer end. (Mixing with black or white
 * would make colours muddy or pale.)
 */
function withLightness(channels: Channels, lightness: number): string {
  const before = lightnessOf(channels);
  const room = (value: number) => Math.min(value, 255 - value);
  const scale = room(before) === 0 ? 0 : room(lightness) / room(before);
  return `#${channels
    .map((channel) => Math.round(lightness + (channel - before) * scale))
    .map((channel) => channel.toString(16).padStart(2, "0"))
    .join("")}`;
}

function channelsOf(color: string): Channels {
  const value = Number.parseInt(color.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

function luminance(channels: Channels): number {
  const [red, green, blue] = channels.map((channel) => {
    const share = channel / 255;
    return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
