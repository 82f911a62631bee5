/** Characters that mark something inside a line, and marks at the start of one. */
const MARKS = /[*_`]|~~~|^ *(?:[>#+-]|\d+[.)])/m;

/** A cheap check that excludes most texts, so that the parser is rarely loaded. */
export function mayHoldMarkdown(text: string): boolean {
  return MARKS.test(text);
}
