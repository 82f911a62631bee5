import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { Comment } from "#schema/comment";
import { beforePaint } from "../browser/before-paint";
import { firstIndex } from "../browser/first-index";
import {
  AT_BOTTOM,
  around,
  hold,
  indexOf,
  type LogRange,
  spanOf,
  stepDown,
  stepUp,
} from "./log-range";

/** Distances from the bottom up to this count as at the bottom. */
export const STICK_THRESHOLD_PX = 100;

/** Rows are added when the reader is this close to the end of the rendered ones. */
const STEP_MARGIN_PX = 900;

/** Long enough to be seen by someone who follows the scrolling page with their eyes. */
const FLASH_MS = 1_500;

/** How a reader begins to scroll; ends a jump that has not arrived. */
const READER_MOVES = ["wheel", "touchmove", "pointerdown", "keydown"] as const;

/** A bubbling event: a row is about to grow or shrink because the reader wants it to. */
export const UNFOLD = "unfold";

/** The row to keep in place, by its key, its distance from the top of the scroller, and where that was scrolled to. */
interface Anchor {
  key: string;
  top: number;
  scrollTop: number;
}

/** The reader's place in the whole log, while a filter shows part of it. */
interface Place {
  range: LogRange;
  anchor: Anchor | null;
  isStuck: boolean;
}

export interface LogScroll {
  /** The scrolling element and its content. */
  scroller: RefObject<HTMLDivElement | null>;
  content: RefObject<HTMLDivElement | null>;
  range: LogRange;
  /** The view follows the newest message. */
  isAtBottom: boolean;
  /** The newest message is in view, whether the view follows it or not. */
  isNewestInView: boolean;
  toBottom: () => void;
  /** Scrolls a loaded comment to the middle of the view and focuses it. */
  jumpTo: (id: string) => void;
}

/**
 * Keeps the newest message in view for a reader at the bottom. For a reader further up, nothing
 * moves by a pixel, whatever is added or removed above, below or in the view. Not every browser has
 * scroll anchoring, so the page does it: before each frame, the row at the top of the view is put
 * back to its place.
 *
 * Content may grow between a scroll and its event, so the distance to the bottom doesn't show the
 * reader's intent: only a position further up than the last one ends following.
 *
 * @param isFiltered `comments` are a part of the log; when it is whole again, the reader is back at the
 * place that the filter was set from
 */
export function useLogScroll(comments: readonly Comment[], isFiltered: boolean): LogScroll {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const [heldRange, setRange] = useState(AT_BOTTOM);
  const place = useRef<Place | null>(null);
  const wasFiltered = useRef(isFiltered);
  const [isAtBottom, setAtBottom] = useState(true);
  const [isNewestInView, setNewestInView] = useState(true);
  const stuck = useRef(true);
  const anchor = useRef<Anchor | null>(null);
  /** The comment to jump to, until its row is in view. */
  const target = useRef<string | null>(null);
  const isTurning = wasFiltered.current !== isFiltered;
  const range =
    (target.current !== null && rangeAround(comments, target.current)) ||
    (isTurning && (isFiltered ? AT_BOTTOM : place.current?.range)) ||
    heldRange;
  /** The row of the last jump stays the anchor until the reader scrolls. */
  const pinned = useRef<HTMLElement | null>(null);
  /** The place to which the page itself scrolled last. */
  const placedTop = useRef(-1);
  /** Cancels the placing that is due before the next frame; `null` if there is none. */
  const cancelSettling = useRef<(() => void) | null>(null);
  const latest = useRef({ comments, range });
  latest.current = { comments, range };

  const stick = useCallback((isStuck: boolean) => {
    stuck.current = isStuck;
    setAtBottom(isStuck);
    setRange(isStuck ? AT_BOTTOM : hold(latest.current.comments, latest.current.range));
  }, []);

  const look = useCallback((outer: HTMLElement) => {
    const { comments, range } = latest.current;
    const isWhole = spanOf(comments, range).end === comments.length;
    // Positions are fractions of a pixel, heights are rounded.
    setNewestInView(isWhole && outer.scrollHeight - outer.scrollTop - outer.clientHeight <= 1);
  }, []);

  const settle = useCallback(() => {
    const outer = scroller.current;
    const inner = content.current;
    cancelSettling.current?.();
    cancelSettling.current = null;
    if (!outer || !inner) return;
    if (stuck.current) {
      outer.scrollTop = outer.scrollHeight;
    } else if (anchor.current) {
      const row = rowOf(inner, anchor.current.key);
      const moved = row ? movedBy(row, anchor.current, outer) : 0;
      if (moved !== 0) outer.scrollTop += moved;
    }
    placedTop.current = outer.scrollTop;
    const row = pinned.current;
    anchor.current = row?.isConnected ? anchorAt(row, outer) : anchorOf(inner, outer);
    look(outer);
  }, [look]);

  /** Ends a jump: brings the row into view. */
  const arrive = useCallback(() => {
    const row = target.current !== null && document.getElementById(target.current);
    if (!row) return;
    target.current = null;
    setRange(latest.current.range);
    pinned.current = row;
    anchor.current = null;
    row.scrollIntoView({ block: "center" });
    row.focus({ preventScroll: true });
    flash(row);
    settle();
  }, [settle]);

  // A filter was set or taken away.
  useLayoutEffect(() => {
    const outer = scroller.current;
    if (!outer || !isTurning) return;
    wasFiltered.current = isFiltered;
    if (isFiltered) {
      place.current = { range: heldRange, anchor: anchor.current, isStuck: stuck.current };
      anchor.current = null;
      outer.scrollTop = outer.scrollHeight;
      placedTop.current = outer.scrollTop;
    } else if (place.current) {
      const { anchor: left, isStuck } = place.current;
      place.current = null;
      anchor.current = left && { ...left, scrollTop: outer.scrollTop };
      stick(isStuck);
    }
    // Without this, `stick` would hold the newest rows.
    setRange(range);
  });

  // After each render.
  useLayoutEffect(() => {
    cancelSettling.current ??= beforePaint(() => {
      settle();
      // At the very top there is nothing left to scroll, so no event comes when older messages arrive.
      const isAtTop = (scroller.current?.scrollTop ?? 0) < STEP_MARGIN_PX;
      const isFree = !stuck.current && target.current === null;
      if (isFree && isAtTop) setRange((held) => stepUp(latest.current.comments, held));
    });
    arrive();
  });

  useEffect(() => {
    const outer = scroller.current;
    const inner = content.current;
    if (!outer || !inner) return;
    let lastTop = outer.scrollTop;

    const onScroll = () => {
      const { comments, range } = latest.current;
      // Before a jump has settled, a scroll is the browser's or an earlier one of the page. Neither that
      // nor a scroll to where the page put the view means that the reader wants to follow the newest.
      const isReaders = target.current === null && outer.scrollTop !== placedTop.current;
      const isUp = outer.scrollTop < lastTop;
      // A reader at the bottom is not taken back there.
      const isLeaving = isUp && stuck.current;
      if (cancelSettling.current && !isLeaving) settle();
      const { scrollTop, scrollHeight, clientHeight } = outer;
      const below = scrollHeight - scrollTop - clientHeight;
      if (isReaders || stuck.current) {
        const endsWithNewest = spanOf(comments, range).end === comments.length;
        if (below <= STICK_THRESHOLD_PX && endsWithNewest) {
          if (!stuck.current) stick(true);
        } else if (isLeaving) stick(false);
        pinned.current = null;
        anchor.current = anchorOf(inner, outer);
      }
      lastTop = scrollTop;
      look(outer);
      if (stuck.current || target.current !== null) return;
      if (scrollTop < STEP_MARGIN_PX) setRange((held) => stepUp(comments, held));
      else if (below < STEP_MARGIN_PX) setRange((held) => stepDown(comments, held));
    };
    const observer = new ResizeObserver(settle);

    // A reader at the bottom would otherwise be taken to the end of the text.
    const onUnfold = () => {
      if (stuck.current) stick(false);
    };
    const giveUp = () => {
      target.current = null;
    };
    outer.addEventListener("scroll", onScroll, { passive: true });
    for (const type of READER_MOVES) outer.addEventListener(type, giveUp, { passive: true });
    inner.addEventListener(UNFOLD, onUnfold);
    observer.observe(outer);
    observer.observe(inner);
    return () => {
      outer.removeEventListener("scroll", onScroll);
      inner.removeEventListener(UNFOLD, onUnfold);
      for (const type of READER_MOVES) outer.removeEventListener(type, giveUp);
      observer.disconnect();
      cancelSettling.current?.();
      cancelSettling.current = null;
    };
  }, [settle, stick, look]);

  const toBottom = useCallback(() => {
    place.current = null;
    target.current = null;
    pinned.current = null;
    stick(true);
    settle();
  }, [stick, settle]);

  const jumpTo = useCallback((id: string) => {
    place.current = null;
    stuck.current = false;
    setAtBottom(false);
    target.current = id;
    // Renders the log, by then perhaps without a filter, and then arrives.
    setRange((held) => ({ ...held }));
  }, []);

  return { scroller, content, range, isAtBottom, isNewestInView, toBottom, jumpTo };
}

/** The range around an id; `null` if the list lacks it, as under a filter that is about to end. */
function rangeAround(comments: readonly Comment[], id: string): LogRange | null {
  return comments[indexOf(comments, id)]?.id === id ? around(comments, id) : null;
}

/** Shows once where a jump led. Without motion the focus alone shows it. */
function flash(row: HTMLElement): void {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  row.animate([{ backgroundColor: "var(--line-strong)" }, {}], FLASH_MS);
}

function anchorOf(inner: HTMLElement, outer: HTMLElement): Anchor | null {
  const rows = inner.querySelectorAll<HTMLElement>("[data-key]");
  const edge = outer.getBoundingClientRect().top;
  const first = firstIndex(rows, (row) => row.getBoundingClientRect().bottom > edge);
  const row = rows[Math.min(first, rows.length - 1)];
  return row ? anchorAt(row, outer) : null;
}

function anchorAt(row: HTMLElement, outer: HTMLElement): Anchor {
  return { key: row.dataset.key ?? "", top: topOf(row, outer), scrollTop: outer.scrollTop };
}

/**
 * How far content above has moved a row, in px, without the reader's own scrolling since. At the very bottom that can't
 * be told: there the browser itself scrolls up when content disappears.
 */
function movedBy(row: HTMLElement, anchor: Anchor, outer: HTMLElement): number {
  const { scrollTop, scrollHeight, clientHeight } = outer;
  const isAtEnd = scrollTop + clientHeight >= scrollHeight - 1;
  const scrolled = isAtEnd ? 0 : scrollTop - anchor.scrollTop;
  return topOf(row, outer) - anchor.top + scrolled;
}

function rowOf(inner: HTMLElement, key: string): HTMLElement | null {
  return inner.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
}

function topOf(row: HTMLElement, outer: HTMLElement): number {
  return row.getBoundingClientRect().top - outer.getBoundingClientRect().top;
}
