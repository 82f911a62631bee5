import {
  type MouseEvent,
  type PointerEvent,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { useMedia } from "#client/browser/use-media";
import { useNow } from "#client/browser/use-now";
import { useVisible } from "#client/browser/use-visible";
import type { useLog } from "#client/chat/use-log";
import type { WallContent } from "#client/polling/use-wall";
import { draw } from "#client/ribbon/draw";
import { dayOf, shareOf, slotsOf, timeAt } from "#client/ribbon/slots";
import { useActivity } from "#client/ribbon/use-activity";
import { visibleSpan } from "#client/ribbon/visible-span";
import { indexAt, loadTime } from "#client/search/load-time";
import { ACTIVITY_SLOT_MS } from "#schema/limits";
import "./ribbon.css";

const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const COUNT = new Intl.NumberFormat();

/** The canvas is redrawn at most this often, however many messages arrive. */
const REDRAW_MS = 1_000;

/** The view's marker moves with the clock. */
const TICK_MS = 60_000;

const LABEL_HOURS = 3;
const HOUR_MS = 3_600_000;

type Slots = ReturnType<typeof slotsOf>;

interface RibbonProps {
  wall: WallContent;
  log: ReturnType<typeof useLog>;
}

/**
 * The wall's last 24 hours beside the log, in its authors' colours; a click or a drag goes to that time. Only for
 * pointers: with the keyboard, the search bar jumps to a time.
 */
export function Ribbon({ wall, log }: RibbonProps) {
  const isVisible = useVisible();
  const now = useNow(TICK_MS) ?? Date.now();
  const activity = useActivity(isVisible);
  const { comments, holes } = wall;
  const { shown } = log;
  const slots = useMemo(() => {
    let known: Slots | undefined;
    // Counted when first needed, at most once: the canvas waits, and a pointer may never come.
    return () => {
      known ??= slotsOf({ comments, shown, holes, activity, now });
      return known;
    };
  }, [comments, shown, holes, activity, now]);
  const canvas = useDrawing(slots, isVisible);
  const marker = useMarker(log, now);
  const { pointed, handlers } = useScrub(log, now);
  const isEmpty = (comments.at(-1)?.timestamp ?? 0) < dayOf(now).from;
  if (isEmpty && !activity?.counts.some(Boolean)) return null;

  return (
    <div aria-hidden className="ribbon" data-testid="ribbon">
      {hoursOf(now).map((hour) => (
        <span key={hour} className="ribbon-hour" style={{ top: percent(shareOf(hour, now)) }}>
          {TIME.format(hour)}
        </span>
      ))}
      <div className="ribbon-band" {...handlers}>
        <canvas ref={canvas} />
        <div ref={marker} className="ribbon-view" />
        {pointed && (
          <div className="ribbon-point" style={{ top: percent(shareOf(pointed.time, now)) }}>
            <span>{pointed.note ?? noteOf(slots(), pointed.time, now)}</span>
          </div>
        )}
      </div>
    </div>
  );
}

/** Redraws after each change, not more than once a second, and not while hidden. */
function useDrawing(slots: () => Slots, isVisible: boolean) {
  const [canvas, setCanvas] = useState<HTMLCanvasElement | null>(null);
  const drawnAt = useRef(0);
  const isLight = useMedia("(prefers-color-scheme: light)");
  const isForced = useMedia("(forced-colors: active)");
  const [size, setSize] = useState("");

  useEffect(() => {
    if (!canvas) return;
    const observer = new ResizeObserver(() =>
      setSize(`${canvas.clientWidth} ${canvas.clientHeight}`),
    );
    observer.observe(canvas);
    return () => observer.disconnect();
  }, [canvas]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another size needs another drawing.
  useEffect(() => {
    if (!isVisible || !canvas) return;
    const redraw = () => {
      drawnAt.current = performance.now();
      const neutral = getComputedStyle(canvas).color;
      draw(canvas, slots(), { scheme: isLight ? "light" : "dark", isForced, neutral });
    };
    const wait = Math.max(0, drawnAt.current + REDRAW_MS - performance.now());
    const timer = setTimeout(redraw, drawnAt.current === 0 ? 0 : wait);
    return () => clearTimeout(timer);
  }, [canvas, slots, isVisible, isLight, isForced, size]);

  return setCanvas;
}

/** Marks the part of the day that the log shows. */
function useMarker(log: RibbonProps["log"], now: number) {
  const marker = useRef<HTMLDivElement>(null);
  const { scroller, rows } = log;

  // biome-ignore lint/correctness/useExhaustiveDependencies: other rows may be in view.
  useEffect(() => {
    const outer = scroller.current;
    if (!outer) return;
    let frame = 0;
    const place = () => {
      frame = 0;
      const span = visibleSpan(outer);
      const { from } = dayOf(now);
      if (!marker.current) return;
      marker.current.hidden = !span || span.to < from;
      if (!span) return;
      const top = shareOf(span.from, now);
      marker.current.style.top = percent(top);
      marker.current.style.height = percent(shareOf(span.to, now) - top);
    };
    const soon = () => {
      frame ||= requestAnimationFrame(place);
    };
    soon();
    outer.addEventListener("scroll", soon, { passive: true });
    return () => {
      outer.removeEventListener("scroll", soon);
      cancelAnimationFrame(frame);
    };
  }, [scroller, rows, now]);

  return marker;
}

/** A drag moves the log among loaded messages; where it ends, missing ones are loaded. */
function useScrub(log: RibbonProps["log"], now: number) {
  const [pointed, setPointed] = useState<{ time: number; note?: string } | null>(null);
  const latest = useRef(log);
  latest.current = log;
  const jumped = useRef("");

  const go = useCallback((time: number) => {
    const { shown, jumpTo, toBottom } = latest.current;
    const index = indexAt(shown, time);
    const id = shown[index]?.id;
    if (id === undefined || id === jumped.current) return;
    jumped.current = id;
    if (index === shown.length - 1) toBottom();
    else jumpTo(id);
  }, []);

  const end = async (time: number) => {
    try {
      setPointed({ time, note: "Loading…" });
      await loadTime(time);
      // The loaded messages are shown in the next frame.
      await new Promise(requestAnimationFrame);
      go(time);
      setPointed(null);
    } catch {
      setPointed({ time, note: "Couldn't load" });
    }
    jumped.current = "";
  };

  const timeOf = ({ currentTarget, clientY }: PointerEvent) => {
    const { top, height } = currentTarget.getBoundingClientRect();
    return timeAt((clientY - top) / height, now);
  };
  const handlers = {
    // The browser would take the focus from the row that was gone to.
    onMouseDown: (event: MouseEvent) => event.preventDefault(),
    onPointerDown: (event: PointerEvent) => {
      if (event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      go(timeOf(event));
    },
    onPointerMove: (event: PointerEvent) => {
      const time = timeOf(event);
      setPointed({ time });
      if (event.currentTarget.hasPointerCapture(event.pointerId)) go(time);
    },
    onPointerUp: (event: PointerEvent) => void end(timeOf(event)),
    onPointerLeave: () => setPointed(null),
  };
  return { pointed, handlers };
}

/** Whole hours, far enough apart for their labels, and away from both ends. */
function hoursOf(now: number): number[] {
  const { from, lengthMs } = dayOf(now);
  const first = new Date(from);
  first.setMinutes(0, 0, 0);
  const hours: number[] = [];
  for (let hour = first.getTime(); hour < from + lengthMs - HOUR_MS / 2; hour += HOUR_MS)
    if (new Date(hour).getHours() % LABEL_HOURS === 0 && hour > from + HOUR_MS / 2)
      hours.push(hour);
  return hours;
}

function noteOf(slots: Slots, time: number, now: number): string {
  const { from } = dayOf(now);
  const total = slots[Math.floor((time - from) / ACTIVITY_SLOT_MS)]?.total ?? 0;
  const count = total === 0 ? "no" : COUNT.format(total);
  const messages = total === 1 ? "1 message" : `${count} messages`;
  return `${TIME.format(time)} · ${messages}`;
}

function percent(share: number): string {
  return `${100 * share}%`;
}
