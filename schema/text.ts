/** What a stranger typed, made safe to stand among other people's words. */

/** Scripts in which a zero-width joiner or non-joiner between letters changes what is read. */
const JOINING_SCRIPTS = [
  "Arabic",
  "Syriac",
  "Mongolian",
  "Devanagari",
  "Bengali",
  "Gurmukhi",
  "Gujarati",
  "Oriya",
  "Tamil",
  "Telugu",
  "Kannada",
  "Malayalam",
  "Sinhala",
  "Khmer",
  "Myanmar",
]
  .map((script) => `\\p{Script=${script}}`)
  .join("");

/** Characters that show nothing of their own but belong to what stands around them. */
const MEANINGFUL = [
  "\\n",
  "(?<=[\\p{Extended_Pictographic}\\p{Emoji_Modifier}]\\ufe0f?)\\u200d(?=\\p{Extended_Pictographic})",
  "(?<=[\\p{Extended_Pictographic}#*0-9])\\ufe0f",
  "\\u{1f3f4}[\\u{e0061}-\\u{e007a}]{2,6}\\u{e007f}",
  `(?<=[${JOINING_SCRIPTS}])[\\u200c\\u200d](?=\\p{L})`,
].join("|");

/** Bidirectional controls, zero-width characters, fillers, stray tags, control characters, what is no character. */
const INVISIBLE =
  "[\\p{Default_Ignorable_Code_Point}\\p{Cc}\\p{Cf}\\p{Noncharacter_Code_Point}\\u2800]";

const INVISIBLE_BUT_MEANINGFUL = new RegExp(`(${MEANINGFUL})|${INVISIBLE}`, "gu");

/**
 * Marks over and under one letter that are left to it. Vietnamese needs two, Hebrew with cantillation
 * four, Tibetan Sanskrit five; a tower of twenty lies over the neighbours' lines.
 */
const STACKED_MARKS_MAX = 5;

const TOWER = new RegExp(`([\\p{Mn}\\p{Me}]{${STACKED_MARKS_MAX}})[\\p{Mn}\\p{Me}]+`, "gu");

/**
 * Line breaks as `\n`, tabs as spaces, without invisible characters, Unicode NFC, without towers of
 * marks, trimmed. A clean text is clean: to clean it again changes nothing.
 */
export function cleanText(text: string): string {
  const visible = withoutInvisible(
    text
      .toWellFormed()
      .replace(/\r\n?|[\u2028\u2029\u0085]/g, "\n")
      .replaceAll("\t", " "),
  );
  // Only now: what was removed may have stood between a letter and its mark.
  return visible.normalize("NFC").replace(TOWER, "$1").trim();
}

/** What made a joiner meaningful may itself be removed, so again until nothing is. */
function withoutInvisible(text: string): string {
  const visible = text.replace(INVISIBLE_BUT_MEANINGFUL, "$1");
  return visible === text ? text : withoutInvisible(visible);
}

/** As `cleanText`, on one line with single spaces. */
export function cleanName(name: string): string {
  return cleanText(name.replace(/\s+/g, " ")).replace(/\s+/g, " ");
}

/** Length in code points: what the limits count and a person sees, more or less. */
export function countCharacters(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
