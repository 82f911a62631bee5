import { type ComponentProps, memo } from "react";
import { useLinkFinder } from "#client/chat/use-link-finder";
import {
  isOnlyEmoji,
  type Part,
  partsOf,
  splitAtBlankLines,
  withFewBlankLines,
} from "#client/chat/words";
import { useFinder } from "#client/search/use-finder";
import { FoldedText, mayBeLong } from "#components/message/folded-text";

interface MessageTextProps {
  /** Of the paragraph. */
  id?: string;
  text: string;
  /** The reader's own name, and the search text; empty for none. */
  name: string;
  query: string;
}

/** A message's text: text nodes, some of them inside a link or a mark. Long texts are folded. */
export const MessageText = memo(function MessageText({ id, text, name, query }: MessageTextProps) {
  const shown = withFewBlankLines(text);
  const findLinks = useLinkFinder(shown);
  const find = useFinder(query)?.find;
  const parts = partsOf(shown, { name, find }, findLinks);
  // Not a text node beside elements: a browser's translator moves those, and React could not remove them.
  const isPlain =
    parts.length === 1 && parts[0]?.kind === "text" && splitAtBlankLines(shown).length === 1;
  let at = 0;
  const words = isPlain
    ? shown
    : parts.map((part) => {
        const key = at;
        at += part.text.length;
        return <Words key={key} {...part} />;
      });
  const paragraph: ComponentProps<"p"> = { id, dir: "auto", className: "message-text" };
  // A search must not hide its matches.
  if (mayBeLong(shown) && !query) return <FoldedText {...paragraph}>{words}</FoldedText>;
  return (
    <p {...paragraph} data-emoji={isOnlyEmoji(shown) || undefined}>
      {words}
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
  return splitAtBlankLines(text).map((piece, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a text never change places.
    <span key={index} className={index % 2 === 0 ? undefined : "blank-lines"}>
      {piece}
    </span>
  ));
}
