import { type ComponentProps, useEffect, useLayoutEffect, useRef, useState } from "react";
import { UNFOLD } from "#client/chat/use-log-scroll";

/** Lines of a folded text (`max-height` in app/styles/messages.css). */
const FOLDED_LINES = 12;
/** A narrow phone shows no fewer characters in a line, but for wide scripts. */
const LINE_MIN_CHARACTERS = 20;

/** A cheap check that excludes most texts, so that few rows are measured. */
export function mayBeLong(text: string): boolean {
  if (text.length > FOLDED_LINES * LINE_MIN_CHARACTERS) return true;
  let lines = 1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines += 1;
  return lines + text.length / LINE_MIN_CHARACTERS > FOLDED_LINES;
}

type FoldedTextProps = ComponentProps<"div"> & { as?: "p" | "div" };

/** A text that shows its first lines, and a button for the rest if there is any. */
export function FoldedText({ as: Element = "p", children, ...attributes }: FoldedTextProps) {
  const element = useRef<HTMLDivElement & HTMLParagraphElement>(null);
  const [isLong, setLong] = useState(false);
  const [isOpen, setOpen] = useState(false);

  // Before it is painted, so that the button doesn't appear late.
  useLayoutEffect(() => {
    if (!isOpen) setLong(isCut(element.current));
  }, [isOpen]);
  useEffect(() => {
    const measured = element.current;
    if (isOpen || !measured) return;
    const observer = new ResizeObserver(() => setLong(isCut(measured)));
    observer.observe(measured);
    return () => observer.disconnect();
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

function isCut(element: HTMLElement | null): boolean {
  return element !== null && element.scrollHeight > element.clientHeight + 1;
}
