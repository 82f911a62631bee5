/** Plain English: no sentence opens with a free relative such as “What the wall holds”. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../command/paths.mjs";

const OPENING = /^(?:What|Who|Whoever|Where|Of|All that) /;
const OPENING_OF_TITLE = /^(?:what|who|whoever|where|of|all that) /i;
const CODE = /\.(?:tsx?|mjs|js)$/;
const TEST = /\.(?:test|spec)\.ts$/;
const GENERATED = new Set(["node_modules", "test-results", "playwright-report"]);

function* filesIn(place: string): Generator<string> {
  for (const entry of readdirSync(path.join(ROOT, place), { withFileTypes: true })) {
    if (entry.name.startsWith(".") || GENERATED.has(entry.name)) continue;
    const name = path.join(place, entry.name);
    if (entry.isDirectory()) yield* filesIn(name);
    else if (CODE.test(name) || name.endsWith(".md")) yield name;
  }
}

/** Numbers of the lines on which a sentence opens with one of the words. Questions may. */
function openings(name: string, text: string): number[] {
  const lines = text.split("\n");
  const starts = name.endsWith(".md") ? markdownStarts : codeStarts(TEST.test(name));
  return lines.flatMap((line, index) =>
    starts(line.trim(), lines[index - 1]?.trim() ?? "").some(isFreeRelative) ? index + 1 : [],
  );
}

function isFreeRelative(sentence: string): boolean {
  return !/^[^.:;]*\?/.test(sentence);
}

/** The paragraph or list item that begins on a line; the bold words at its start don't count. */
function markdownStarts(line: string, before: string): string[] {
  const [, item, words = ""] = /^([-*] |\d+\. )?(?:\*\*.*?\*\* )?(.*)$/.exec(line) ?? [];
  return (item || before === "") && OPENING.test(words) ? [words] : [];
}

/** Comments, the first words of a line (usage and JSX texts), and, in tests, every string. */
const codeStarts = (isTest: boolean) => (line: string, before: string) => {
  const comment =
    /(?:^|\s)\/(?:\*\*?|\/) (.*)$/.exec(line)?.[1] ?? /^\* (.*)$/.exec(line)?.[1] ?? "";
  const goesOn = /^\/\//.test(line) ? /^\/\/ /.test(before) : /^\* [^@]/.test(before);
  const strings = [...line.matchAll(/["'`>]([^"'`<>]{4,})/g)].map(([, words = ""]) => words);
  return [
    ...(!goesOn && OPENING.test(comment) ? [comment] : []),
    ...(OPENING.test(line) ? [line] : []),
    ...strings.filter((words) => (isTest ? OPENING_OF_TITLE : OPENING).test(words)),
  ];
};

test("sentences begin with their subject", () => {
  const found = [...filesIn("")].flatMap((name) => {
    const lines = openings(name, readFileSync(path.join(ROOT, name), "utf8"));
    return lines.map((line) => `${name}:${line}`);
  });
  expect(found).toEqual([]);
});
