/** Prepares an answer's text for the wall. */

import { cleanText } from "#schema/check/text";
import { TEXT_MAX_CHARACTERS } from "#schema/limits";

const CUT = "…";

/** Cleaned like the wall does, and cut to its limit. Empty if the brain returned no text. */
export function replyText(text: string): string {
  const characters = Array.from(cleanText(text));
  if (characters.length <= TEXT_MAX_CHARACTERS) return characters.join("");
  const kept = characters.slice(0, TEXT_MAX_CHARACTERS - CUT.length);
  return `${kept.join("").trimEnd()}${CUT}`;
}
