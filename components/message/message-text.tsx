import {
  type ComponentProps,
  type ComponentType,
  memo,
  useEffect,
  useSyncExternalStore,
} from "react";
import { LazyValue } from "#client/browser/lazy-value";
import { useLinkFinder } from "#client/chat/use-link-finder";
import {
  isOnlyEmoji,
  mayBeTall,
  partsOf,
  splitAtBlankLines,
  withFewBlankLines,
} from "#client/chat/words";
import { mayHoldMarkdown } from "#client/markdown/may-hold";
import { useFinder } from "#client/search/use-finder";
import { LongText, mayBeLong } from "#components/message/long-text";
import { TextParts, type TextProps } from "#components/message/text-parts";

const markdown = new LazyValue<ComponentType<TextProps>>(
  async () => (await import("./markdown-text")).MarkdownText,
);

interface MessageTextProps extends TextProps {
  /** Whether it may be Markdown: bots' messages are (docs/decisions/0022-markdown-of-bots.md). */
  isMarkdown?: boolean;
}

/** A message's text. Markdown is shown as it was typed until its parser is loaded. */
export function MessageText({ isMarkdown, ...props }: MessageTextProps) {
  const isNeeded = isMarkdown && mayHoldMarkdown(props.text);
  useEffect(() => {
    if (isNeeded) markdown.load();
  }, [isNeeded]);
  const MarkdownText = useSyncExternalStore(markdown.subscribe, markdown.current, () => undefined);
  return isNeeded && MarkdownText ? <MarkdownText {...props} /> : <PlainText {...props} />;
}

/** Text nodes, some of them inside a link or a mark. Long texts are folded. */
const PlainText = memo(function PlainText({ id, text, name, query }: TextProps) {
  const shown = withFewBlankLines(text);
  const findLinks = useLinkFinder(shown);
  const find = useFinder(query)?.find;
  const parts = partsOf(shown, { name, find }, findLinks);
  // Not a text node beside elements: a browser's translator moves those, and React could not remove them.
  const isPlain =
    parts.length === 1 && parts[0]?.kind === "text" && splitAtBlankLines(shown).length === 1;
  const paragraph: ComponentProps<"p"> & Record<`data-${string}`, unknown> = {
    id,
    dir: "auto",
    className: "message-text",
    "data-tall": mayBeTall(shown) || undefined,
  };
  const children = isPlain ? shown : <TextParts parts={parts} />;
  // A search must not hide its matches.
  if (mayBeLong(shown) && !query) return <LongText {...paragraph}>{children}</LongText>;
  return (
    <p {...paragraph} data-emoji={isOnlyEmoji(shown) || undefined}>
      {children}
    </p>
  );
});
