import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { finderOf, fold } from "./fold";

const finds = (query: string, text: string) =>
  finderOf(query)
    .find(text)
    .map(({ start, end }) => text.slice(start, end));

describe("search ignores case, accents and the way a letter is encoded", () => {
  test.each<[query: string, text: string, marked: string[]]>([
    // Accents of Latin, Greek and Cyrillic.
    ["zoe", "Zoë is here", ["Zoë"]],
    ["ZOË", "zoe is here", ["zoe"]],
    ["zoe\u0308", "Zo\u00eb", ["Zo\u00eb"]],
    ["zo\u00eb", "Zoe\u0308", ["Zoe\u0308"]],
    ["e", "e\u0301e", ["e\u0301", "e"]],
    ["nguyen", "Nguyễn", ["Nguyễn"]],
    ["αθηνα", "Η Αθήνα", ["Αθήνα"]],
    ["еще", "Ещё раз", ["Ещё"]],
    ["lodz", "w Łodzi i Łódź", ["Łodz", "Łódź"]],
    ["øl", "Oslo ol", ["ol"]],
    // Dotted and dotless i.
    ["istanbul", "İstanbul", ["İstanbul"]],
    ["İSTANBUL", "istanbul", ["istanbul"]],
    ["ısparta", "ISPARTA Isparta", ["ISPARTA", "Isparta"]],
    // Letters that change their length or shape with the case.
    ["strasse", "Straße, STRASSE, STRAẞE", ["Straße", "STRASSE", "STRAẞE"]],
    ["straße", "strasse", ["strasse"]],
    ["ss", "Maß", ["ß"]],
    ["s", "ß", ["ß"]],
    ["οδος", "ΟΔΟΣ οδός", ["ΟΔΟΣ", "οδός"]],
    ["οδοσ", "οδός", ["οδός"]],
    // Compatibility forms.
    ["office", "oﬃce ｏｆｆｉｃｅ", ["oﬃce", "ｏｆｆｉｃｅ"]],
    ["...", "well…", ["…"]],
    // Optional vowel points.
    ["שלום", "שָׁלוֹם", ["שָׁלוֹם"]],
    ["محمد", "مُحَمَّد", ["مُحَمَّد"]],
    // Only the picture counts, not its style.
    ["❤️", "I ❤ it", ["❤"]],
  ])("%j in %j", (query, text, marked) => {
    expect(finds(query, text)).toEqual(marked);
    expect(finderOf(query).matches(text)).toBe(true);
  });
});

describe("marks that make another letter or syllable count", () => {
  test.each<[query: string, text: string]>([
    ["か", "が"],
    ["ハ", "パ"],
    ["가", "각"],
    ["हिंदी", "हदी"],
    ["กิน", "กน"],
    ["น้ำ", "นำ"],
    ["র্য", "রয"],
  ])("%j is not in %j", (query, text) => {
    expect(finderOf(query).matches(text)).toBe(false);
    expect(finds(query, text)).toEqual([]);
  });

  test.each<[query: string, text: string]>([
    ["\u0915\u093c", "\u0958"],
    ["が", "\u304b\u3099"],
    ["한국", "\u1112\u1161\u11ab\u1100\u116e\u11a8"],
    ["น้ำ", "น้ำ"],
  ])("%j is in %j, encoded otherwise", (query, text) => {
    expect(finderOf(query).matches(text)).toBe(true);
  });
});

test("all words must occur, in any order; overlapping matches are marked once", () => {
  expect(finderOf("b a").matches("a b")).toBe(true);
  expect(finderOf("b c").matches("a b")).toBe(false);
  expect(finds("anana nan", "Bananas")).toEqual(["anana"]);
  expect(finds("ana nas", "Bananas")).toEqual(["ana", "nas"]);
  expect(finds("  ", "anything")).toEqual([]);
  expect(finderOf(" \ufe0f ").matches("anything")).toBe(true);
});

const LETTERS = ["e\u0301", "\u0301", ..."aeéßİıΣςŁがक़한ก็ﬃ👍🏽❤️ ".normalize("NFC")];
const words = fc.array(fc.constantFrom(...LETTERS)).map((all) => all.join(""));

test("folding again changes nothing", () => {
  fc.assert(
    fc.property(words, (text) => {
      expect(fold(fold(text))).toBe(fold(text));
    }),
    { numRuns: 300, seed: 20_261_129 },
  );
});

test("matches are whole characters of the text, in order and apart", () => {
  fc.assert(
    fc.property(words, words, (query, text) => {
      const composed = text.normalize("NFC");
      const found = finderOf(query).find(composed);
      let last = 0;
      for (const { start, end } of found) {
        expect(start).toBeGreaterThanOrEqual(last);
        expect(end).toBeGreaterThan(start);
        expect(composed.slice(start, end).isWellFormed()).toBe(true);
        last = end;
      }
      expect(last).toBeLessThanOrEqual(composed.length);
      // A text with all words has a mark for each of them.
      const isSought = query.split(/\s+/).some((word) => fold(word) !== "");
      if (isSought && finderOf(query).matches(composed)) expect(found.length).toBeGreaterThan(0);
    }),
    { numRuns: 500, seed: 20_261_129 },
  );
});
