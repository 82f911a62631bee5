/** New rows rise into the log, unless the reader has turned motion off. */

const RISE_MS = 120;
const FRAMES = [{ opacity: 0, transform: "translateY(0.5rem)" }, {}];

/** More rows than this at once are not news but another part of the log. */
const RISING_MAX = 5;

/** Animates rows that are added below others. Returns a function that stops it. */
export function riseInto(log: HTMLElement): () => void {
  const observer = new MutationObserver((records) => {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const added = new Set(records.flatMap(({ addedNodes }) => [...addedNodes]));
    const rows: Element[] = [];
    let row = log.lastElementChild;
    for (; row && added.has(row); row = row.previousElementSibling) rows.push(row);
    // Without an older row above, this is the first view of the wall.
    if (!row || rows.length > RISING_MAX) return;
    for (const each of rows.reverse())
      each.animate(FRAMES, { duration: RISE_MS, easing: "ease-out" });
  });
  observer.observe(log, { childList: true });
  return () => observer.disconnect();
}
