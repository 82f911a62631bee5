/**
 * Splits a message in Markdown into blocks: code, quotes, lists, headings and paragraphs. Written for
 * what models write in a chat, so it differs from CommonMark: a line break is a line break, a quote
 * and a list end with their last marked line, and there is no HTML, image, table, hidden link or
 * indented code.
 *
 * Only complete marks disappear; all other characters are shown.
 */
import { type Inline, inlineOf } from "./inline";

export interface Item {
  /** As written: `1.` or `-`. */
  marker: string;
  children: Block[];
}

export type Block =
  | { kind: "paragraph" | "heading"; children: Inline[] }
  | { kind: "code"; label: string; text: string }
  | { kind: "quote"; children: Block[] }
  | { kind: "list"; isOrdered: boolean; items: Item[] };

/** Quotes and lists inside each other; deeper ones are shown as they were typed. */
export const NESTING_MAX = 8;

const FENCE = /^( *)(`{3,}|~{3,})[ \t]*([^`]*)$/;
const HEADING = /^ {0,3}#{1,6} +(\S.*)$/;
/** With its space: without, it is more often a face, an arrow or a prompt. */
const QUOTE = /^ {0,3}>(?: |$)/;
const MARKER = /^( *)([-*+]|\d{1,9}[.)]) +(?=\S)/;
/** A line indented this far beyond its item's marker belongs to the item. */
const ITEM_INDENT = 2;

export function blocksOf(text: string): Block[] {
  return readBlocks(text.split("\n"), 0);
}

function readBlocks(lines: readonly string[], depth: number): Block[] {
  const blocks: Block[] = [];
  let words: string[] = [];
  const endParagraph = () => {
    if (words.length > 0)
      blocks.push({ kind: "paragraph", children: inlineOf(words.join("\n").trimEnd()) });
    words = [];
  };

  for (let at = 0; at < lines.length; ) {
    const block = blockAt(lines, at, depth, words.length > 0);
    if (block) {
      endParagraph();
      blocks.push(block.block);
      at = block.next;
      continue;
    }
    const line = lines[at] as string;
    if (line.trim() === "") endParagraph();
    else words.push(line);
    at += 1;
  }
  endParagraph();
  return blocks;
}

type Found = { block: Block; next: number } | null;

/** The block that begins at a line, unless that is a paragraph. */
function blockAt(lines: readonly string[], at: number, depth: number, isInWords: boolean): Found {
  const line = lines[at] as string;
  const fence = FENCE.exec(line);
  if (fence) return codeAt(lines, at, fence);
  const [, title] = HEADING.exec(line) ?? [];
  if (title !== undefined)
    return { block: { kind: "heading", children: inlineOf(title.trimEnd()) }, next: at + 1 };
  if (depth >= NESTING_MAX) return null;
  if (QUOTE.test(line)) return quoteAt(lines, at, depth);
  const [, , marker] = MARKER.exec(line) ?? [];
  if (marker === undefined) return null;
  // A line of a sentence may begin with a number.
  if (isInWords && isOrdered(marker) && Number.parseInt(marker, 10) !== 1) return null;
  return listAt(lines, at, depth);
}

function codeAt(lines: readonly string[], at: number, fence: RegExpExecArray): Found {
  const [opening, indent = "", marks = "", label = ""] = fence;
  const sign = marks.charAt(0);
  let end = at + 1;
  while (end < lines.length && !closes(lines[end] as string, sign, marks.length)) end += 1;
  const inner = lines.slice(at + 1, end).map((line) => dedent(line, indent.length));
  const isClosed = end < lines.length;
  // A cut-off answer has no closing fence: its opening one is not a complete mark, and is shown.
  const text = (isClosed ? inner : [opening.trimStart(), ...inner]).join("\n");
  return {
    block: { kind: "code", label: isClosed ? label.trim() : "", text },
    next: isClosed ? end + 1 : end,
  };
}

function closes(line: string, sign: string, count: number): boolean {
  const bare = line.trim();
  return bare.length >= count && bare === sign.repeat(bare.length);
}

function quoteAt(lines: readonly string[], at: number, depth: number): Found {
  let end = at;
  while (end < lines.length && QUOTE.test(lines[end] as string)) end += 1;
  const inner = lines.slice(at, end).map((line) => line.replace(QUOTE, ""));
  return { block: { kind: "quote", children: readBlocks(inner, depth + 1) }, next: end };
}

function listAt(lines: readonly string[], at: number, depth: number): Found {
  const items: { marker: string; lines: string[] }[] = [];
  let kind = "";
  let markerIndent = 0;
  let textIndent = 0;
  let next = at;
  for (let index = at; index < lines.length; index += 1) {
    const line = lines[index] as string;
    if (line.trim() === "") continue;
    const indent = indentOf(line);
    const found = MARKER.exec(line);
    const marker = found?.[2] ?? "";
    const isInside = items.length > 0 && indent >= markerIndent + ITEM_INDENT;
    if (isInside) {
      const { lines: inner } = items.at(-1) as { lines: string[] };
      // Blank lines before this one are inside the item as well.
      for (let blank = next; blank < index; blank += 1) inner.push("");
      inner.push(dedent(line, textIndent));
    } else if (found && (items.length === 0 || kindOf(marker) === kind)) {
      kind = kindOf(marker);
      markerIndent = indent;
      textIndent = found[0].length;
      items.push({ marker, lines: [line.slice(textIndent)] });
    } else break;
    next = index + 1;
  }
  const children = items.map((item) => ({
    marker: item.marker,
    children: readBlocks(item.lines, depth + 1),
  }));
  return { block: { kind: "list", isOrdered: isOrdered(kind), items: children }, next };
}

function isOrdered(marker: string): boolean {
  return /[.)]$/.test(marker);
}

/** Items with other markers are another list. */
function kindOf(marker: string): string {
  return marker.slice(-1);
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

function dedent(line: string, count: number): string {
  return line.slice(Math.min(count, indentOf(line)));
}
