import { type RefObject, useCallback, useEffect, useRef } from "react";

/** This close to the bottom counts as at the bottom. */
export const STICK_THRESHOLD_PX = 100;

export interface StickToBottom {
  /** The element that scrolls. */
  scroller: RefObject<HTMLDivElement | null>;
  /** Its content, whose growth is followed. */
  content: RefObject<HTMLDivElement | null>;
  toBottom: () => void;
}

/**
 * Keeps the newest message in view for a reader who is at the bottom, and moves nothing for one
 * who is not.
 *
 * A scroll event may be handled after the content has grown under it, so that the distance to the
 * bottom alone says nothing about what the reader did: only a position further up than the last
 * one lets go. Growth and shrinking (also of the window, by an on-screen keyboard) are seen by a
 * ResizeObserver, after layout and before paint.
 */
export function useStickToBottom(): StickToBottom {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const stuck = useRef(true);

  const toBottom = useCallback(() => {
    stuck.current = true;
    if (scroller.current) scroller.current.scrollTop = scroller.current.scrollHeight;
  }, []);

  useEffect(() => {
    const outer = scroller.current;
    const inner = content.current;
    if (!outer || !inner) return;
    let lastTop = outer.scrollTop;

    const onScroll = () => {
      const { scrollTop, scrollHeight, clientHeight } = outer;
      const isNear = scrollHeight - scrollTop - clientHeight <= STICK_THRESHOLD_PX;
      if (isNear) stuck.current = true;
      else if (scrollTop < lastTop) stuck.current = false;
      lastTop = scrollTop;
    };
    const observer = new ResizeObserver(() => {
      if (stuck.current) toBottom();
    });

    outer.addEventListener("scroll", onScroll, { passive: true });
    observer.observe(outer);
    observer.observe(inner);
    return () => {
      outer.removeEventListener("scroll", onScroll);
      observer.disconnect();
    };
  }, [toBottom]);

  return { scroller, content, toBottom };
}
