/**
 * Runs work in the next frame, before it is painted: there the browser has to lay out the page anyway, while work right
 * after a render would add that time to the render's own.
 */
const due = new Set<() => void>();

/** @returns a function that cancels it */
export function beforePaint(work: () => void): () => void {
  if (due.size === 0)
    requestAnimationFrame(() => {
      for (const dueWork of due) {
        due.delete(dueWork);
        dueWork();
      }
    });
  due.add(work);
  return () => due.delete(work);
}
