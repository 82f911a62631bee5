/**
 * Marks inside a line of Markdown: code, bold and italic, by the rules of CommonMark for delimiter
 * runs. A mark without its partner, and everything else, stays text.
 */

export type Inline =
  | { kind: "text"; text: string }
  | { kind: "code"; text: string }
  | { kind: "strong" | "em"; children: Inline[] };

/** Marks that wait for their partner, and what was read since. */
interface Open {
  mark: "*" | "_";
  /** Marks of the run that have no partner yet. */
  left: number;
  /** Length of the run as written. */
  count: number;
  canClose: boolean;
  children: Inline[];
}

/** Not the asterisk of the emoji *️⃣. */
const SPECIAL = /[\\`_]|\*(?!\ufe0f)|https?:\/\/|www\./gi;
const ADDRESS = /[^\s<>`]+/y;
/** Stand after an address more often than in it. */
const AFTER_ADDRESS = "*_.,;:!?)]'\"";
const ESCAPABLE = /[*_`]/;

const SPACE = /^[\s]?$/;
const PUNCTUATION = /[\p{P}\p{S}]/u;
/** Scripts without spaces between words: punctuation beside their letters ends no emphasis. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;

export function inlineOf(text: string): Inline[] {
  const root: Inline[] = [];
  const stack: Open[] = [];
  /** Runs in the stack, so that a mark without any looks for no partner. */
  const waiting = { "*": 0, _: 0 };
  /** Lengths of backtick runs that have no partner in the rest of the text. */
  const lonely = new Set<number>();
  const add = (piece: Inline) => push(stack.at(-1)?.children ?? root, piece);
  const addText = (piece: string) => piece && add({ kind: "text", text: piece });

  let at = 0;
  SPECIAL.lastIndex = 0;
  for (let found = SPECIAL.exec(text); found; found = SPECIAL.exec(text)) {
    const { index } = found;
    addText(text.slice(at, index));
    const [sign] = found;
    if (sign === "\\") {
      const next = text.charAt(index + 1);
      const isEscape = ESCAPABLE.test(next);
      addText(isEscape ? next : sign);
      at = index + (isEscape ? 2 : 1);
    } else if (sign === "`") {
      const run = runAt(text, index);
      const end = lonely.has(run) ? -1 : closingRun(text, index + run, run);
      if (end < 0) {
        lonely.add(run);
        addText(text.slice(index, index + run));
        at = index + run;
      } else {
        add({ kind: "code", text: codeOf(text.slice(index + run, end)) });
        at = end + run;
      }
    } else if (sign === "*" || sign === "_") {
      const count = runAt(text, index);
      at = index + count;
      // __init__ and __name__ are names more often than bold words.
      if (sign === "_" && count > 1) addText(text.slice(index, at));
      else take({ mark: sign, count, ...sidesOf(text, index, count) });
    } else {
      at = addressEnd(text, index + sign.length);
      addText(text.slice(index, at));
    }
    SPECIAL.lastIndex = at;
  }
  addText(text.slice(at));
  while (stack.length > 0) giveUp();
  return root;

  /** Closes open marks with a run, and opens the rest of it. */
  function take(run: { mark: Open["mark"]; count: number; canOpen: boolean; canClose: boolean }) {
    const { mark, count, canOpen, canClose } = run;
    let left = count;
    while (canClose && left > 0 && waiting[mark] > 0) {
      const partner = stack.findLast((open) => open.mark === mark && isPair(open, run));
      if (!partner) break;
      while (stack.at(-1) !== partner) giveUp();
      const used = Math.min(2, left, partner.left);
      const node: Inline = { kind: used === 2 ? "strong" : "em", children: partner.children };
      left -= used;
      partner.left -= used;
      partner.children = [node];
      if (partner.left === 0) {
        stack.pop();
        waiting[mark] -= 1;
        add(node);
      }
    }
    if (left > 0 && canOpen) {
      stack.push({ mark, left, count, canClose, children: [] });
      waiting[mark] += 1;
    } else addText(mark.repeat(left));
  }

  /** The innermost open marks have no partner: they are text. */
  function giveUp() {
    const open = stack.pop();
    if (!open) return;
    waiting[open.mark] -= 1;
    addText(open.mark.repeat(open.left));
    for (const child of open.children) add(child);
  }
}

/** Neighbouring texts become one, so that an address is found whole. */
function push(to: Inline[], piece: Inline) {
  const last = to.at(-1);
  if (piece.kind === "text" && last?.kind === "text") last.text += piece.text;
  else to.push(piece);
}

/** The "rule of three": in `a**b*c**` the single mark doesn't close the double one. */
function isPair(open: Open, run: { count: number; canOpen: boolean }): boolean {
  if (!open.canClose && !run.canOpen) return true;
  const isMultiple = (open.count + run.count) % 3 === 0;
  return !isMultiple || (open.count % 3 === 0 && run.count % 3 === 0);
}

function sidesOf(text: string, index: number, count: number) {
  const before = lastCharacter(text.slice(Math.max(0, index - 2), index));
  const after = String.fromCodePoint(text.codePointAt(index + count) ?? 0x20);
  const opens = flanks(after, before);
  const closes = flanks(before, after);
  if (text[index] === "*") return { canOpen: opens, canClose: closes };
  // snake_case is no emphasis.
  return {
    canOpen: opens && (!closes || PUNCTUATION.test(before)),
    canClose: closes && (!opens || PUNCTUATION.test(after)),
  };
}

/** Whether marks between these two characters belong to the `inner` one's side. */
function flanks(inner: string, outer: string): boolean {
  if (SPACE.test(inner)) return false;
  if (!PUNCTUATION.test(inner)) return true;
  return SPACE.test(outer) || PUNCTUATION.test(outer) || UNSPACED.test(outer);
}

function lastCharacter(text: string): string {
  return [...text].at(-1) ?? "";
}

/** How often the character at `index` repeats. */
function runAt(text: string, index: number): number {
  let end = index + 1;
  while (text[end] === text[index]) end += 1;
  return end - index;
}

/** The next run of exactly this many backticks, or -1. */
function closingRun(text: string, from: number, count: number): number {
  for (let at = text.indexOf("`", from); at >= 0; ) {
    const run = runAt(text, at);
    if (run === count) return at;
    at = text.indexOf("`", at + run);
  }
  return -1;
}

/** One space at each end lets code begin or end with a backtick. */
function codeOf(text: string): string {
  const isPadded = text.startsWith(" ") && text.endsWith(" ") && text.trim() !== "";
  return isPadded ? text.slice(1, -1) : text;
}

/** Marks inside an address belong to it. */
function addressEnd(text: string, from: number): number {
  ADDRESS.lastIndex = from;
  if (!ADDRESS.test(text)) return from;
  let end = ADDRESS.lastIndex;
  while (end > from && AFTER_ADDRESS.includes(text.charAt(end - 1))) end -= 1;
  return end;
}
