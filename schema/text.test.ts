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
])("%s", (_what, text, clean) => {
  expect(cleanText(text)).toBe(clean);
  expect(cleanText(cleanText(text))).toBe(clean);
});

test("a name is one line", () => {
  expect(cleanName(" ada \n\t lovelace ")).toBe("ada lovelace");
});

test("characters are counted as code points", () => {
  expect(countCharacters("a👍é")).toBe(3);
});
