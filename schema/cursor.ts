/** A position in the single writer's sequence: a store's id and a sequence. */
export interface Cursor {
  store: string;
  sequence: number;
}

const CURSOR_PATTERN = /^([0-9a-z]{8})\.(\d{1,16})$/;

export function formatCursor({ store, sequence }: Cursor): string {
  return `${store}.${sequence}`;
}

/** Parses a cursor that a server issued; `null` for anything else. */
export function parseCursor(text: string): Cursor | null {
  const match = CURSOR_PATTERN.exec(text);
  if (!match?.[1] || !match[2]) return null;
  const sequence = Number(match[2]);
  return Number.isSafeInteger(sequence) ? { store: match[1], sequence } : null;
}

/** Compares two cursors' texts: negative when `a` is before `b`; `null` when they belong to different stores. */
export function compareCursors(a: string, b: string): number | null {
  const [first, second] = [parseCursor(a), parseCursor(b)];
  if (!first || !second || first.store !== second.store) return null;
  return first.sequence - second.sequence;
}
