import { type ComponentProps, memo } from "react";
import { useLinkFinder } from "#client/chat/use-link-finder";
import {
  isOnlyEmoji,
  type Part,
  partsOf,
  splitAtBlankLines,
  withFewBlankLines,
} from "#client/chat/words";
import { FoldedText, mayBeLong } from "#components/chat/folded-text";

interface MessageTextProps {
  text: string;
  /** The reader's own name, and the search text; empty for none. */
  name: string;
  query: string;
}

/** A message's text: text nodes, some of them inside a link or a mark. Long texts are folded. */
export const MessageText = memo(function MessageText({ text, name, query }: MessageTextProps) {
  const shown = withFewBlankLines(text);
  const findLinks = useLinkFinder(shown);
  let at = 0;
  const parts = partsOf(shown, { name, query }, findLinks).map((part) => {
    const key = at;
    at += part.text.length;
    return <Words key={key} {...part} />;
  });
  const paragraph: ComponentProps<"p"> = { dir: "auto", className: "message-text" };
  // A search must not hide its matches.
  if (mayBeLong(shown) && !query) return <FoldedText {...paragraph}>{parts}</FoldedText>;
  return (
    <p {...paragraph} data-emoji={isOnlyEmoji(shown) || undefined}>
      {parts}
    </p>
  );
});

function Words({ kind, text, href, shown }: Part) {
  if (kind === "text") return <Lines text={text} />;
  if (kind !== "link") return <mark className={kind}>{text}</mark>;
  return (
    <a href={href} title={href} target="_blank" rel="noopener noreferrer nofollow ugc">
      {shown}
    </a>
  );
}

/** Blank lines are lower than lines of words. */
function Lines({ text }: { text: string }) {
  if (!text.includes("\n")) return text;
  return splitAtBlankLines(text).map((piece, index) => {
    if (index % 2 === 0) return piece;
    // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a text never change places.
    return <BlankLines key={index} lines={piece} />;
  });
}

function BlankLines({ lines }: { lines: string }) {
  return <span className="blank-lines">{lines}</span>;
}
