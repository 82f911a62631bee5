/**
 * Search without regard to case, accents and encoding: `zoe` finds `Zoë`, `istanbul` finds `İstanbul`.
 *
 * Texts are compared after folding:
 * 1. NFKD splits letters from their marks, and maps compatibility forms (`ﬁ`, full width) to plain ones.
 * 2. Marks after a Latin, Greek or Cyrillic letter are accents, and after a Hebrew or Arabic one mostly
 *    optional vowel points: people leave them out, so they are dropped. Everywhere else a mark can make
 *    another letter or syllable (Devanagari and Thai vowels, Japanese `が`), so it stays.
 * 3. Case is folded there and back: Unicode has letters that only one of the two directions maps (`ẞ`, `ı`).
 * 4. NFC puts the remaining marks and Hangul syllables together again: `か` must not be found inside `が`.
 */

/** Part of a text, in UTF-16 units; `end` is exclusive. */
export interface Match {
  start: number;
  end: number;
}

/** A message in which words are searched: the same object while it stays the same. */
export interface Searched {
  username: string;
  text: string;
}

export interface Finder {
  /** Whether the text has all the words. */
  matches: (text: string) => boolean;
  /** Whether name and text together have all the words. */
  matchesComment: (comment: Searched) => boolean;
  /** The places of any of the words: in order, without overlaps. */
  find: (text: string) => Match[];
}

const ASCII = /^[\0-\x7f]*$/;
const OPTIONAL_MARKS =
  /([\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Hebrew}\p{Script=Arabic}])\p{M}+/gu;

/** They choose between a picture and a text glyph of the same character. */
const VARIATION_SELECTORS = /[\ufe00-\ufe0f]/g;

/** Letters with a stroke, which Unicode doesn't decompose, and final sigma, which NFKD doesn't map. */
const ALIKE: Record<string, string> = { đ: "d", ħ: "h", ł: "l", ø: "o", ŧ: "t", ς: "σ" };
const ALIKE_LETTERS = /[đħłøŧς]/g;

/** A character with its marks, or a Hangul syllable in parts: what folds independently of its neighbours. */
const CHARACTERS = /[\u1100-\u1112][\u1161-\u1175][\u11a8-\u11c2]?|\P{M}\p{M}*|\p{M}+/gu;

/** The form in which texts are compared. */
export function fold(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase();
  return text
    .normalize("NFKD")
    .replace(VARIATION_SELECTORS, "")
    .replace(OPTIONAL_MARKS, "$1")
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .replace(ALIKE_LETTERS, (letter) => ALIKE[letter] ?? letter)
    .normalize("NFC");
}

/** Folded once per message, not once per letter that the reader types. */
const foldedComments = new WeakMap<Searched, string>();

function foldedComment(comment: Searched): string {
  let folded = foldedComments.get(comment);
  if (folded === undefined) {
    folded = fold(`${comment.username}\n${comment.text}`);
    foldedComments.set(comment, folded);
  }
  return folded;
}

/** Finds the words of a query, which white space separates. */
export function finderOf(query: string): Finder {
  const words = query.split(/\s+/).map(fold).filter(Boolean);
  const hasAll = (folded: string) => words.every((word) => folded.includes(word));
  return {
    matches: (text) => hasAll(fold(text)),
    matchesComment: (comment) => hasAll(foldedComment(comment)),
    find: (text) => {
      const folded = foldedWithPlaces(text);
      const found = words.flatMap((word) => findWord(word, folded));
      found.sort((a, b) => a.start - b.start);
      return merged(found);
    },
  };
}

interface FoldedText {
  folded: string;
  /** For each unit of `folded`, the character of the text that it comes from. */
  places: Match[];
}

function foldedWithPlaces(text: string): FoldedText {
  let folded = "";
  const places: Match[] = [];
  for (const { 0: character, index } of text.matchAll(CHARACTERS)) {
    const place = { start: index, end: index + character.length };
    const part = fold(character);
    folded += part;
    for (let unit = 0; unit < part.length; unit += 1) places.push(place);
  }
  return { folded, places };
}

function findWord(word: string, { folded, places }: FoldedText): Match[] {
  const found: Match[] = [];
  for (let at = folded.indexOf(word); at >= 0; at = folded.indexOf(word, at + word.length)) {
    const [first, last] = [places[at], places[at + word.length - 1]];
    if (first && last) found.push({ start: first.start, end: last.end });
  }
  return found;
}

/** @param matches sorted by their starts */
function merged(matches: readonly Match[]): Match[] {
  const apart: Match[] = [];
  for (const { start, end } of matches) {
    const last = apart.at(-1);
    if (last && start < last.end) last.end = Math.max(last.end, end);
    else apart.push({ start, end });
  }
  return apart;
}
