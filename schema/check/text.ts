/** Cleans text from strangers before it is shown next to other people's. */

/**
 * Letters that a joiner can act on. JavaScript has no property for cursive letters or for Indic
 * conjuncts, so the pattern takes all letters except those that can't join: letters with case
 * (`Cased`), ideographs (`Ideographic`), Hangul, kana, Bopomofo, and letters that several scripts
 * share (`Common`). Two exceptions do join: U+0640 (the Arabic tatweel, which is `Common`) and
 * Adlam, the only script with both case and cursive letters.
 */
const JOINING_LETTER =
  "(?:(?![\\p{Cased}\\p{Ideographic}\\p{Script=Common}\\p{Script=Hangul}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Bopomofo}])[\\p{Lo}\\p{Lm}]|\\u0640|(?=\\p{Script=Adlam})\\p{L})";

/** A letter with its vowel signs, viramas and points: no word needs as many as 8 on one letter. */
const JOINING_CLUSTER = `${JOINING_LETTER}\\p{M}{0,8}`;

const MONGOLIAN_LETTER = "(?=\\p{Script=Mongolian})\\p{L}";

const INVISIBLE_CLASS =
  "[\\p{Default_Ignorable_Code_Point}\\p{Cc}\\p{Noncharacter_Code_Point}\\ufff9-\\ufffc]";

const MUSICAL_SYMBOL = "[\\u{1d100}-\\u{1d172}\\u{1d17b}-\\u{1d1ff}]";

/**
 * Invisible characters in positions where Unicode gives them a visible effect. Each needs certain
 * visible neighbours, or an invisible neighbour that is kept because it has such neighbours itself.
 * Most patterns match the character first and only then look at the text before and after it: that
 * is several times faster.
 */
const MEANINGFUL = [
  "\\n",
  // Emoji: joined sequences, the choice between picture and plain symbol, regional flags.
  "\\u200d(?<=[\\p{Extended_Pictographic}\\p{Emoji_Modifier}]\\ufe0f?\\u200d)(?=\\p{Extended_Pictographic})",
  "[\\ufe0e\\ufe0f](?<=[\\p{Extended_Pictographic}#*0-9].)",
  "(?<=\\u{1f3f4})[\\u{e0061}-\\u{e007a}]{2}[\\u{e0030}-\\u{e0039}\\u{e0061}-\\u{e007a}]{1,4}\\u{e007f}",
  // Variants of ideographs, mathematical symbols and letters.
  "\\p{Variation_Selector}(?<=\\p{Ideographic}.)",
  `[\\ufe00-\\ufe06](?<=(?:\\p{Math}|0|${JOINING_LETTER}).)`,
  `[\\u180b-\\u180d\\u180f](?<=${MONGOLIAN_LETTER}.)`,
  `\\u180e(?<=${MONGOLIAN_LETTER}\\p{M}?.)(?=${MONGOLIAN_LETTER})`,
  // A non-joiner between two letters; a joiner after a letter, or before a word's first letter.
  `\\u200c(?<=${JOINING_CLUSTER}.)(?=[\\u200c\\u200d]*(?:\\p{M}|${JOINING_LETTER}))`,
  `\\u200d(?<=${JOINING_CLUSTER}.)`,
  `\\u200d(?<!(?!\\n)${INVISIBLE_CLASS}.)(?=${JOINING_LETTER})`,
  // Fillers in Korean syllables that lack their first consonant or their vowel.
  "\\u115f(?=[\\u1161-\\u11a7\\ud7b0-\\ud7c6])",
  "\\u1160(?<=[\\u1100-\\u115e\\ua960-\\ua97c].)",
  // Beams and slurs in music, and shorthand overlaps.
  `[\\u{1d173}-\\u{1d17a}](?:(?<=${MUSICAL_SYMBOL}.)|(?=${MUSICAL_SYMBOL}))`,
  "[\\u{1bca0}-\\u{1bca3}](?<=\\p{Script=Duployan}.)(?=\\p{Script=Duployan})",
].join("|");

/**
 * `Default_Ignorable_Code_Point` is Unicode's own list of invisible characters: bidirectional
 * controls, zero-width characters, fillers, tags. Format characters (`Cf`) outside that list, such
 * as U+06DD (the end of an ayah), are visible. U+FFF9 to U+FFFC are the exception: they mark
 * annotations and embedded objects, mean nothing in plain text, and browsers draw nothing for them.
 * U+034F is left to `withoutIdleGraphemeJoiners`.
 */
const INVISIBLE = `(?!\\u034f)${INVISIBLE_CLASS}`;

/**
 * Matches each invisible character; the first group captures it if it is meaningful. The lookahead
 * passes over visible characters, which are nearly all, without a look at their neighbours.
 */
const EACH_INVISIBLE = new RegExp(`(?=${INVISIBLE})(?:(${MEANINGFUL})|[^])`, "gu");

const GRAPHEME_JOINERS = /(?<=(.?))\u034f+(?=(\p{M}?))/gsu;

/** The Braille blank is a space among Braille patterns; elsewhere it is a filler. */
const BRAILLE_BLANKS = /(?<=([\u2801-\u28ff]?))\u2800+(?=([\u2801-\u28ff]?))/g;

/** A text of nothing visible: spaces, and four characters that Unicode does not call ignorable. */
const BLANK = /^[\s\u{13441}\u{13442}\u{16fe4}\u{1d159}]*$/u;

/**
 * Marks allowed on one letter, those above and below it together. Vietnamese needs two, Hebrew with
 * cantillation four, Sanskrit in Tibetan script five; a stack of twenty covers the neighbouring
 * lines.
 */
const STACKED_MARKS_MAX = 5;

/** A joiner between two marks does not end a stack. */
const STACKED_MARK = "[\\p{Mn}\\p{Me}][\\u200c\\u200d]?";

const TALL_STACK = new RegExp(
  `((?:${STACKED_MARK}){${STACKED_MARKS_MAX}})(?:${STACKED_MARK})+`,
  "gu",
);

/**
 * Normalises text to Unicode NFC: line breaks become `\n` and tabs spaces; invisible characters
 * without an effect are removed, tall stacks of marks are cut, and the ends are trimmed. The result
 * is empty if nothing visible is left. Cleaning twice gives the same as cleaning once.
 */
export function cleanText(text: string): string {
  const clean = cleanUntilStable(
    text
      .toWellFormed()
      .replace(/\r\n?|[\u2028\u2029\u0085]/g, "\n")
      .replaceAll("\t", " "),
  );
  return BLANK.test(clean) ? "" : clean;
}

/** Repeats: composing, cutting and trimming may give an invisible character new neighbours. */
function cleanUntilStable(text: string): string {
  // Composed twice. Before: it orders the marks, which decides the joiners between them that stay.
  // After: a removed character may have separated a letter from its mark.
  const visible = text
    .normalize("NFC")
    .replace(EACH_INVISIBLE, "$1")
    .replace(BRAILLE_BLANKS, (blanks, left, right) => (left || right ? blanks : ""));
  const composed = withoutIdleGraphemeJoiners(visible).normalize("NFC");
  const clean = composed.replace(TALL_STACK, "$1").trim();
  return clean === text ? text : cleanUntilStable(clean);
}

/** Removes combining grapheme joiners, except those that keep two marks from changing places. */
function withoutIdleGraphemeJoiners(text: string): string {
  return text.replace(GRAPHEME_JOINERS, (_joiners, left: string, mark: string) => {
    const apart = left.normalize("NFD") + mark.normalize("NFD");
    return (left + mark).normalize("NFD") === apart ? "" : "\u034f";
  });
}

/** Like `cleanText`, on one line with single spaces. */
export function cleanName(name: string): string {
  return cleanText(name.replace(/\s+/g, " ")).replace(/\s+/g, " ");
}

/** Length in code points: the limits count these, and a person sees about as many characters. */
export function countCharacters(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
