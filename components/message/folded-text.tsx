import { type ComponentProps, useLayoutEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { beforePaint } from "#client/browser/before-paint";
import { UNFOLD } from "#client/chat/use-log-scroll";

/** A fold shows 12 lines and hides at least 3 (`max-height` in app/styles/messages.css). */
const WHOLE_MAX_LINES = 14.5;

export type FoldedTextProps = ComponentProps<"div"> & { as?: "p" | "div" };

/** A text that shows its first lines, and a button for the rest if there is any. */
export function FoldedText({ as: Element = "p", children, ...attributes }: FoldedTextProps) {
  const element = useRef<HTMLDivElement & HTMLParagraphElement>(null);
  const [isLong, setLong] = useState(false);
  const [isOpen, setOpen] = useState(false);

  useLayoutEffect(() => {
    const measured = element.current;
    if (isOpen || !measured) return;
    const measure = () => setLong(isCut(measured));
    const observer = new ResizeObserver(measure);
    observer.observe(measured);
    // In the frame that shows the text, so that the button doesn't appear late.
    const cancel = beforePaint(() => flushSync(measure));
    return () => {
      cancel();
      observer.disconnect();
    };
  }, [isOpen]);

  const toggle = () => {
    element.current?.dispatchEvent(new CustomEvent(UNFOLD, { bubbles: true }));
    setOpen(!isOpen);
  };
  return (
    <>
      <Element
        {...attributes}
        ref={element}
        data-fold={isOpen ? undefined : isLong ? "cut" : "fits"}
        onFocus={(event) => {
          // A link in the hidden part was reached by keyboard.
          if (isLong && !isOpen && isBelow(event.target, event.currentTarget)) toggle();
        }}
      >
        {children}
      </Element>
      {isLong && (
        <button type="button" className="fold-button" aria-expanded={isOpen} onClick={toggle}>
          {isOpen ? "Show less" : "Show more"}
        </button>
      )}
    </>
  );
}

function isBelow(inner: Element, outer: Element): boolean {
  const { scrollTop } = outer;
  return (
    scrollTop > 0 || inner.getBoundingClientRect().bottom > outer.getBoundingClientRect().bottom
  );
}

function isCut(element: HTMLElement): boolean {
  const linePx = Number.parseFloat(getComputedStyle(element).lineHeight);
  return element.scrollHeight > WHOLE_MAX_LINES * linePx;
}
