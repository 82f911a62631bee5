import { timestampOf } from "#schema/id";

/** The times of the first and last sent message in the scroller's view; `null` without any. */
export function visibleSpan(scroller: HTMLElement): { from: number; to: number } | null {
  const rows = [...scroller.querySelectorAll<HTMLElement>("article[id]")];
  const { top, bottom } = scroller.getBoundingClientRect();
  const first = rows[firstIndex(rows, (row) => row.getBoundingClientRect().bottom > top)];
  const last = rows[firstIndex(rows, (row) => row.getBoundingClientRect().top >= bottom) - 1];
  return first && last ? { from: timestampOf(first.id), to: timestampOf(last.id) } : null;
}

/** The index of the first item that passes, if all after it pass too; otherwise their number. */
function firstIndex<Item>(items: readonly Item[], passes: (item: Item) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (passes(items[middle] as Item)) high = middle;
    else low = middle + 1;
  }
  return low;
}
