/** Colours of names. */

export const COLOR_PATTERN = /^#[0-9a-f]{6}$/i;

/** A name's colour, the same everywhere: a hash gives the hue, the lightness suits a dark page. */
export function colorOf(username: string): string {
  let hash = 2_166_136_261; // FNV-1a, 32 bits
  for (const byte of new TextEncoder().encode(username)) hash = Math.imul(hash ^ byte, 16_777_619);
  return hslToHex((hash >>> 0) % 360, 0.65, 0.68);
}

function hslToHex(hue: number, saturation: number, lightness: number): string {
  const chroma = saturation * Math.min(lightness, 1 - lightness);
  const channel = (offset: number) => {
    const k = (offset + hue / 30) % 12;
    const value = lightness - chroma * Math.max(-1, Math.min(k - 3, 9 - k, 1));
    return Math.round(255 * value)
      .toString(16)
      .padStart(2, "0");
  };
  return `#${channel(0)}${channel(8)}${channel(4)}`;
}
