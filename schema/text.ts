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
  "(?<=[\\p{Extended_Pictographic}\\ufe0f\\p{Emoji_Modifier}])\\u200d(?=\\p{Extended_Pictographic})",
  "(?<=[\\p{Extended_Pictographic}#*0-9])\\ufe0f",
  "\\u{1f3f4}[\\u{e0061}-\\u{e007a}]{2,6}\\u{e007f}",
  `(?<=[${JOINING_SCRIPTS}])[\\u200c\\u200d](?=\\p{L})`,
].join("|");

/** Bidirectional controls, zero-width characters, fillers, stray tags, control characters. */
const INVISIBLE = "[\\p{Default_Ignorable_Code_Point}\\p{Cc}\\p{Cf}\\u2800]";

const INVISIBLE_BUT_MEANINGFUL = new RegExp(`(${MEANINGFUL})|${INVISIBLE}`, "gu");

/** Unicode NFC, line breaks as `\n`, tabs as spaces, invisible characters removed, trimmed. */
export function cleanText(text: string): string {
  return text
    .toWellFormed()
    .normalize("NFC")
    .replace(/\r\n?|[\u2028\u2029\u0085]/g, "\n")
    .replaceAll("\t", " ")
    .replace(INVISIBLE_BUT_MEANINGFUL, "$1")
    .trim();
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
