import { type RefObject, useEffect, useRef } from "react";
import { poll } from "../polling/first-poll";
import { pageWall } from "../wall/page-wall";
import { linkedId, setLink } from "./link";

/**
 * Jumps to the message in the URL's hash, once the wall has loaded and whenever the hash changes. The
 * hash goes when the reader scrolls on.
 */
export function usePermalink(
  loaded: boolean,
  jump: (id: string) => void,
  scroller: RefObject<HTMLElement | null>,
): void {
  const latest = useRef(jump);
  latest.current = jump;

  useEffect(() => {
    if (!loaded) return;
    const follow = async () => {
      const id = linkedId();
      if (!id) return;
      const isHeld = pageWall.store.get(id) !== undefined;
      if (isHeld) latest.current(id);
      // The message may be newer than the last poll, or the poll may drop the stored visit.
      await poll().catch(() => {});
      const isShown = isHeld && document.getElementById(id) !== null;
      if (id === linkedId() && !isShown) latest.current(id);
    };
    void follow();
    window.addEventListener("hashchange", follow);
    return () => window.removeEventListener("hashchange", follow);
  }, [loaded]);

  useEffect(() => {
    const view = scroller.current;
    /** Messages that had the focus, as a jump gives it. Until then, the link's message may be out of view. */
    const arrived = new Set<string>();
    const arrive = ({ target }: FocusEvent) => void arrived.add((target as HTMLElement).id);
    const moveOn = () => {
      const id = linkedId();
      if (!id || !view || !arrived.has(id)) return;
      if (!isInView(document.getElementById(id), view)) setLink(null);
    };
    view?.addEventListener("focusin", arrive);
    view?.addEventListener("scroll", moveOn, { passive: true });
    return () => {
      view?.removeEventListener("focusin", arrive);
      view?.removeEventListener("scroll", moveOn);
    };
  }, [scroller]);
}

function isInView(row: HTMLElement | null, view: HTMLElement): boolean {
  if (!row) return false;
  const [inner, outer] = [row.getBoundingClientRect(), view.getBoundingClientRect()];
  return inner.bottom > outer.top && inner.top < outer.bottom;
}
