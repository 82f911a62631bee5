import { type RefObject, useEffect, useRef } from "react";
import { isId } from "#schema/id";
import { poll } from "../polling/use-wall";
import { pageWall } from "../wall/page-wall";

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
      if (pageWall.store.get(id)) latest.current(id);
      // The message may be newer than the last poll, or the poll may have dropped the stored visit.
      await poll().catch(() => {});
      if (id === linkedId() && !document.getElementById(id)) latest.current(id);
    };
    void follow();
    window.addEventListener("hashchange", follow);
    return () => window.removeEventListener("hashchange", follow);
  }, [loaded]);

  useEffect(() => {
    const view = scroller.current;
    /** The linked message, once it was in view. */
    let seen: string | undefined;
    const moveOn = () => {
      const id = linkedId();
      if (!id || !view) return;
      if (isInView(document.getElementById(id), view)) seen = id;
      else if (seen === id) setLink(null);
    };
    view?.addEventListener("scroll", moveOn, { passive: true });
    return () => view?.removeEventListener("scroll", moveOn);
  }, [scroller]);
}

/** Puts a message's permalink into the address bar; `null` takes it away. */
export function setLink(id: string | null): void {
  const { pathname, search } = location;
  history.replaceState(history.state, "", pathname + search + (id ? `#${id}` : ""));
}

function linkedId(): string | undefined {
  const id = location.hash.slice(1);
  return isId(id) ? id : undefined;
}

function isInView(row: HTMLElement | null, view: HTMLElement): boolean {
  if (!row) return false;
  const [inner, outer] = [row.getBoundingClientRect(), view.getBoundingClientRect()];
  return inner.bottom > outer.top && inner.top < outer.bottom;
}
