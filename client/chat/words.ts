/**
 * Splits a message's text into parts that are shown differently: links, the reader's name, search
 * matches.
 */
import { ANONYMOUS } from "#schema/limits";
import type { Match } from "../search/fold";

export interface Part {
  kind: "text" | "link" | "mention" | "match";
  text: string;
  href?: string;
  /** A link's host and path. */
  shown?: string;
}

/** Returns the links in a text, in order, without overlaps. */
export type LinkFinder = (
  text: string,
) => { start: number; end: number; href: string; shown: string }[];

interface Marks {
  /** The reader's own name; empty for none. */
  name: string;
  /** Finds the search words; absent without a search. */
  find?: ((text: string) => Match[]) | undefined;
}

/** Shorter names would match in half of all sentences. */
const MENTION_MIN_CHARACTERS = 2;

/** Messages of up to this many emoji and nothing else are shown large. */
const LARGE_EMOJI_MAX = 6;

/** The parts of a text; joined, they are the text. */
export function partsOf(text: string, marks: Marks, findLinks?: LinkFinder): Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const { start, end, href, shown } of findLinks?.(text) ?? []) {
    parts.push(...marked(text.slice(from, start), marks));
    parts.push({ kind: "link", text: text.slice(start, end), href, shown });
    from = end;
  }
  parts.push(...marked(text.slice(from), marks));
  return parts;
}

/** Two or more blank lines; a blank line may hold spaces. */
const BLANK_LINES = /\n(?:[^\S\n]*\n){2,}/g;
const TWO_BLANK_LINES = "\n\n\n";

/** The text with at most two blank lines in a row. */
export function withFewBlankLines(text: string): string {
  return text.replace(BLANK_LINES, TWO_BLANK_LINES);
}

/** Splits a text before and after its blank lines: every second piece is made of these alone. */
export function splitAtBlankLines(text: string): string[] {
  return text.split(/(?<=\n)((?:[^\S\n]*\n)+)/);
}

/** A cheap check that excludes most texts, so that the link finder is rarely loaded. */
export function mayHoldLink(text: string): boolean {
  return /:\/\/|www\.|[\p{L}\p{N}]\.[\p{L}]{2}/u.test(text);
}

/** Whether glyphs may reach out of their line: stacked marks do, and some scripts' letters. */
export function mayBeTall(text: string): boolean {
  return TALL.test(text);
}

/** Anything but Latin, Greek, Cyrillic, Chinese, Japanese and Korean letters without marks to combine, and emoji. */
const TALL =
  /\p{M}|[^\p{sc=Zyyy}\p{sc=Latn}\p{sc=Grek}\p{sc=Cyrl}\p{sc=Hani}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}]/u;

export function isOnlyEmoji(text: string): boolean {
  return ONLY_EMOJI.test(text);
}

/**
 * Built from emoji classes: `\p{RGI_Emoji}`, the full list, takes a phone a quarter of a second to
 * compile.
 */
const PICTURE =
  "(?:\\p{Emoji_Modifier_Base}\\p{Emoji_Modifier}|\\p{Emoji_Presentation}|\\p{Extended_Pictographic}\\ufe0f)";
const JOINED = "\\u200d\\p{Extended_Pictographic}\\ufe0f?\\p{Emoji_Modifier}?";
const FLAG = "\\p{Regional_Indicator}{2}|\\u{1f3f4}[\\u{e0061}-\\u{e007a}]+\\u{e007f}";
const KEYCAP = "[#*0-9]\\ufe0f\\u20e3";
const EMOJI = `(?:${FLAG}|${KEYCAP}|${PICTURE}(?:${JOINED})*)`;
const ONLY_EMOJI = new RegExp(`^\\s*(?:${EMOJI}\\s*){1,${LARGE_EMOJI_MAX}}$`, "u");

/** Start of a name as a separate word, with or without `@`; not the end of `x@ada`. */
const MENTION_START = "(?:(?<![\\p{L}\\p{N}_])@|(?<![\\p{L}\\p{N}_@]))";

function marked(text: string, { name, find }: Marks): Part[] {
  const isNamed = name.length >= MENTION_MIN_CHARACTERS && name !== ANONYMOUS;
  const mention = `${MENTION_START}${escaped(name)}(?![\\p{L}\\p{N}_])`;
  const mentions = isNamed ? placesOf(text.matchAll(new RegExp(mention, "giu"))) : [];
  return split(text, "mention", mentions).flatMap((part) =>
    find && part.kind === "text" ? split(part.text, "match", find(part.text)) : part,
  );
}

function placesOf(found: Iterable<RegExpExecArray>): Match[] {
  return Array.from(found, ({ 0: { length }, index }) => ({ start: index, end: index + length }));
}

/** The text in parts: those at `places` are of this kind. */
function split(text: string, kind: Part["kind"], places: readonly Match[]): Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const { start, end } of places) {
    if (start > from) parts.push({ kind: "text", text: text.slice(from, start) });
    parts.push({ kind, text: text.slice(start, end) });
    from = end;
  }
  if (from < text.length) parts.push({ kind: "text", text: text.slice(from) });
  return parts;
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
