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
  ["removes joiners between Latin letters", "a\u200db\u200cc", "abc"],
  ["composes what something invisible kept apart", "e\u200b\u0301", "é"],
  ["removes a joiner whose selector is removed", "a\ufe0f\u200d👩", "a👩"],
  ["removes a joiner whose mark of direction is removed", "\u061c\u200cم", "م"],
  ["removes what is no character", "a\ufffe\u{1ffff}b", "ab"],
  ["cuts towers of marks", `o${"\u0336\u0489".repeat(20)}k`, "o\u0336\u0489\u0336\u0489\u0336k"],
  ["cuts towers built with joiners", `x${"\u0316\u034f".repeat(20)}`, `x${"\u0316".repeat(5)}`],
  ["keeps Vietnamese", "Tiếng Việt", "Tiếng Việt"],
  ["keeps pointed Hebrew", "בְּרֵאשִׁ֖ית", "בְּרֵאשִׁ֖ית".normalize("NFC")],
  ["keeps Thai and Tibetan stacks", "กำลังที่ སྒྲུབ ཧཱུྃ", "กำลังที่ སྒྲུབ ཧཱུྃ"],
])("%s", (_what, text, clean) => {
  expect(cleanText(text)).toBe(clean);
  expect(cleanText(cleanText(text))).toBe(clean);
});

test("a clean text is clean, composed, and has no invisible character but in its place", () => {
  const pieces = fc.constantFrom(
    ..."ae\u0301\u0323👩👧🏽❤\ufe0f\ufe0e\u200d\u200c\u200b\u202e\u034f\u20e3#1م\u061cक\u094d\u093c",
    "🏴\u{e0067}\u{e007f}",
    "\ud800",
    "\r\n",
    " ",
  );
  const texts = fc.array(fc.oneof(pieces, fc.string({ unit: "binary", maxLength: 2 })));
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
