import fc from "fast-check";
import { expect, test } from "vitest";
import { cleanName, cleanText, countCharacters } from "./text";

test.each([
  ["trims", "  hi \n", "hi"],
  ["composes (NFC)", "e\u0301", "é"],
  ["unifies line breaks", "a\r\nb\rc\u2028d", "a\nb\nc\nd"],
  ["removes bidi controls", "a\u202eb\u2066c\u200fd", "abcd"],
  ["removes zero-width characters", "a\u200bb\ufeffc\u2060d\u00ade", "abcde"],
  ["removes control characters", "a\u0000b\u0007c\u001bd", "abcd"],
  ["removes fillers", "\u3164\u2800a\u115f", "a"],
  ["replaces lone surrogates", "a\ud800b", "a\ufffdb"],
  ["keeps emoji joiners", "👩\u200d👩\u200d👧 👍🏽 🏳️\u200d🌈", "👩\u200d👩\u200d👧 👍🏽 🏳️\u200d🌈"],
  ["keeps keycaps and hearts", "1\ufe0f\u20e3 ❤\ufe0f", "1\ufe0f\u20e3 ❤\ufe0f"],
  ["keeps flags of regions", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"],
  ["keeps Persian non-joiners", "می\u200cخواهم", "می\u200cخواهم"],
  ["removes joiners and non-joiners between Latin letters", "a\u200db\u200cc", "abc"],
  ["composes letters after removing invisible characters between them", "e\u200b\u0301", "é"],
  ["removes a joiner after a removed selector", "a\ufe0f\u200d👩", "a👩"],
  ["removes a non-joiner after a removed direction mark", "\u061c\u200cم", "م"],
  ["removes annotation and object marks", "\ufff9漢\ufffa\ufffb\ufffc", "漢"],
  ["removes noncharacters", "a\ufffe\u{1ffff}b", "ab"],
  ["cuts stacks of marks", `o${"\u0336\u0489".repeat(20)}k`, "o\u0336\u0489\u0336\u0489\u0336k"],
  [
    "cuts stacks built with grapheme joiners",
    `x${"\u0316\u034f".repeat(20)}`,
    `x${"\u0316".repeat(5)}`,
  ],
  [
    "cuts stacks with a joiner in them",
    `\u0645${"\u064b".repeat(4)}\u200d${"\u064b".repeat(9)}`,
    `\u0645${"\u064b".repeat(4)}\u200d\u064b`,
  ],
  ["keeps Vietnamese", "Tiếng Việt", "Tiếng Việt"],
  ["keeps pointed Hebrew", "בְּרֵאשִׁ֖ית", "בְּרֵאשִׁ֖ית".normalize("NFC")],
  ["keeps Thai and Tibetan stacks", "กำลังที่ སྒྲུབ ཧཱུྃ", "กำลังที่ སྒྲུབ ཧཱུྃ"],
])("%s", (_what, text, clean) => {
  expect(cleanText(text)).toBe(clean);
  expect(cleanText(cleanText(text))).toBe(clean);
});

/** Invisible characters are written as escapes. */
test.each([
  ["Bengali ya-phalaa after ra", "র\u200d্যাম"],
  ["Bengali reph kept open", "র\u200c্য"],
  ["Bengali khanda ta in its older encoding, at the end of a word", "হঠাত্\u200d করে"],
  ["Malayalam chillu in its older encoding", "അവന്\u200d"],
  ["Devanagari half forms", "क्\u200dष र्\u200dय क्\u200d"],
  ["Devanagari conjuncts kept apart", "क्\u200cष"],
  ["Sinhala rakaransaya", "ශ්\u200dරී"],
  ["Kannada", "ರ\u200d್ಕ"],
  ["Khmer register shifters", "ប៊\u200cី"],
  ["Persian plurals, also after a vowel sign", "کتاب\u200cها کتابِ\u200cها"],
  ["the initial form of an Arabic letter by itself", "١٤٤٥ ه\u200d"],
  ["the final form of an Arabic letter by itself", "\u200dه\n\u200dه"],
  ["N'Ko", "ߞ\u200cߎ"],
  ["Adlam, which has case", "\u{1e922}\u200c\u{1e923}"],
  ["Mongolian variants and vowel separators", "ᠠ\u180b ᠣ\u180eᠠ ᠨ\u180d\u180eᠠ"],
  ["Hebrew points in a custom order", "לַ\u034fִם"],
  ["the end of an ayah, and other signs that enclose", "\u06dd١ \u0600١ \u08e2 \u{110bd}\u{11083}"],
  ["the Syriac abbreviation mark", "\u070fܐܒ"],
  ["joined hieroglyphs", "\u{13000}\u{13430}\u{13001}"],
  ["emoji in their text form", "❤\ufe0e ☎\ufe0e"],
  ["flags of regions, also with digits", "🏴󠁧󠁢󠁳󠁣󠁴󠁿 🏴\u{e0066}\u{e0072}\u{e0037}\u{e0035}\u{e007f}"],
  [
    "joined emoji: a pirate flag, an astronaut with a skin tone, a burning heart",
    "🏴\u200d☠\ufe0f 👩🏽\u200d🚀 ❤\ufe0f\u200d🔥",
  ],
  ["variants of ideographs", "葛\u{e0100}城 逢\ufe00"],
  ["variants of mathematical symbols", "a ∩\ufe00 b 0\ufe00"],
  ["Myanmar letters with dots", "\u1000\ufe00"],
  ["fillers of old Korean syllables", "\u115fᅡ ᄀ\u1160"],
  ["blanks among Braille", "⠓⠊\u2800⠞⠓⠑⠗⠑\n\u2800\u2800⠿"],
  ["beams of music", "\u{1d15f}\u{1d173}\u{1d15f}\u{1d174}"],
])("keeps %s", (_what, text) => {
  const composed = text.normalize("NFC");
  expect(cleanText(text)).toBe(composed);
  expect(cleanText(`hey ${composed} you`)).toBe(`hey ${composed} you`);
});

test.each([
  ["joiners among Latin, Greek, Cyrillic", "a\u200db\u200cγ\u200dδж\u200dз", "abγδжз"],
  [
    "joiners among digits and ideographs",
    "1\u200d2漢\u200c字か\u200dな한\u200d글",
    "12漢字かな한글",
  ],
  ["runs of joiners", "ه\u200d\u200d\u200dم ک\u200c\u200c\u200cا", "ه\u200dم ک\u200cا"],
  ["non-joiners at the edge of a word", "\u200cسلام\u200c خوب\u200c", "سلام خوب"],
  ["joiners by themselves", "\u200d\u200c \u200d", ""],
  ["joiners after accents", "e\u0301\u200dx\u0323\u200c\u0301", "éx\u0323\u0301"],
  [
    "selectors without a base, and repeated ones",
    "a\ufe0f ❤\ufe0f\ufe0f\ufe0e 葛\u{e0100}\u{e0101}",
    "a ❤\ufe0f 葛\u{e0100}",
  ],
  [
    "tags that belong to no flag",
    "🏴\u{e0067}\u{e0062} 👍\u{e0067}\u{e0062}\u{e0065}\u{e007f}x\u{e0041}",
    "🏴 👍x",
  ],
  [
    "grapheme joiners between marks that keep their order anyway",
    "a\u034fb o\u034f\u0308 \u034f",
    "ab ö",
  ],
  ["fillers by themselves", "\u115f\u1160 \u3164\uffa0\u17b4", ""],
  ["Braille blanks by themselves", "a\u2800b \u2800", "ab"],
  ["separators and operators used only for layout", "x\u2061(y\u2062z)\u2060\u200b\u00ad", "x(yz)"],
  ["Mongolian separators among other letters", "a\u180eb م\u180eم", "ab مم"],
  ["music controls among words", "a\u{1d173}b\u{1bca0}c", "abc"],
])("removes %s", (_what, text, clean) => {
  expect(cleanText(text)).toBe(clean);
});

test.each(["\u{1d159}", "\u{13441} \u{13442}", "\ufff9\ufffa\ufffb", "\u{16fe4}", "\n\t\u3000"])(
  "text without a visible character becomes empty: $0",
  (text) => {
    expect(cleanText(text)).toBe("");
  },
);

test("cleaning twice changes nothing more, and leaves NFC without direction controls, zero-width spaces or tall stacks", () => {
  const pieces = fc.constantFrom(
    ..."ae\u0301\u0323👩👧🏽❤\ufe0f\ufe0e\u200d\u200c\u200b\u202e\u034f\u20e3#1م\u061cक\u094d\u093c",
    "🏴\u{e0067}\u{e007f}",
    "\ud800",
    "\r\n",
    " ",
  );
  const anything = fc.integer({ min: 0, max: 0x10ffff }).map((code) => String.fromCodePoint(code));
  const texts = fc.array(fc.oneof({ weight: 3, arbitrary: pieces }, anything));
  fc.assert(
    fc.property(texts, (parts) => {
      const clean = cleanText(parts.join(""));
      expect(cleanText(clean)).toBe(clean);
      expect(clean.normalize("NFC")).toBe(clean);
      expect(clean).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u200b\u200e\u200f\u061c]/);
      expect(clean).not.toMatch(/[\p{Mn}\p{Me}]{6}/u);
    }),
    { numRuns: 400, seed: 20_261_125 },
  );
});

test("a name is one line", () => {
  expect(cleanName(" ada \n\t lovelace ")).toBe("ada lovelace");
});

test("characters are counted as code points", () => {
  expect(countCharacters("a👍é")).toBe(3);
});
