/** An answer as the wall takes it. */
import { TEXT_MAX_CHARACTERS } from "#schema/limits";
import { cleanText } from "#schema/text";

const CUT = "…";

/** Cleaned as the wall does, and cut to the length it takes. Empty where a brain said nothing. */
export function replyText(text: string): string {
  const characters = Array.from(cleanText(text));
  if (characters.length <= TEXT_MAX_CHARACTERS) return characters.join("");
  const kept = characters.slice(0, TEXT_MAX_CHARACTERS - CUT.length);
  return `${kept.join("").trimEnd()}${CUT}`;
}
