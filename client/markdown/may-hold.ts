/** Characters that mark something inside a line, and marks at the start of one. */
const MARKS = /[*_`]|~~~|^ *(?:[>#+-]|\d+[.)])/m;

/** A cheap check that excludes most texts, so that the parser is rarely loaded. */
export function mayHoldMarkdown(text: string): boolean {
  return MARKS.test(text);
}

/** A bot's text without the marks that would show in a quote of one line. */
export function withoutMarks(text: string): string {
  return text.replace(/\*\*|`+|^ *(?:[>#]+|[-+*]|\d+[.)]) +/gm, "");
}
