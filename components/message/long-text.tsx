import { type ComponentType, useEffect, useSyncExternalStore } from "react";
import { LazyValue } from "#client/browser/lazy-value";
import type { FoldedTextProps } from "#components/message/folded-text";

/** A text up to this long is never folded (`max-height` in app/styles/messages.css). */
const WHOLE_LINES = 14;
/** A narrow phone shows no fewer characters in a line, but for wide scripts. */
const LINE_MIN_CHARACTERS = 20;

/** A cheap check that excludes most texts, so that few rows are measured. */
export function mayBeLong(text: string): boolean {
  if (text.length > WHOLE_LINES * LINE_MIN_CHARACTERS) return true;
  let lines = 1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines += 1;
  return lines + text.length / LINE_MIN_CHARACTERS > WHOLE_LINES;
}

const foldedText = new LazyValue<ComponentType<FoldedTextProps>>(
  async () => (await import("./folded-text")).FoldedText,
);

/** A text that may be long. It shows its first lines; the button for the rest is loaded on need. */
export function LongText(props: FoldedTextProps) {
  useEffect(() => foldedText.load(), []);
  const FoldedText = useSyncExternalStore(
    foldedText.subscribe,
    foldedText.current,
    () => undefined,
  );
  if (FoldedText) return <FoldedText {...props} />;
  const { as: Element = "p", ...attributes } = props;
  return <Element {...(attributes as object)} data-fold="fits" />;
}
