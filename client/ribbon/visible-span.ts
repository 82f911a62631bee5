import { timestampOf } from "#schema/id";
import { firstIndex } from "../browser/first-index";

/** The times of the first and last sent message in the scroller's view; `null` without any. */
export function visibleSpan(scroller: HTMLElement): { from: number; to: number } | null {
  const rows = scroller.querySelectorAll<HTMLElement>("article[id]");
  const { top, bottom } = scroller.getBoundingClientRect();
  const first = rows[firstIndex(rows, (row) => row.getBoundingClientRect().bottom > top)];
  const last = rows[firstIndex(rows, (row) => row.getBoundingClientRect().top >= bottom) - 1];
  return first && last ? { from: timestampOf(first.id), to: timestampOf(last.id) } : null;
}
