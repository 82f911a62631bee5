import { memo } from "react";
import { useLinkFinder } from "#client/chat/use-link-finder";
import { isOnlyEmoji, type Part, partsOf } from "#client/chat/words";

interface MessageTextProps {
  text: string;
  /** The reader's own name, and the search text; empty for none. */
  name: string;
  query: string;
}

/** A message's text: text nodes, some of them inside a link or a mark. */
export const MessageText = memo(function MessageText({ text, name, query }: MessageTextProps) {
  const findLinks = useLinkFinder(text);
  let at = 0;
  const parts = partsOf(text, { name, query }, findLinks).map((part) => {
    const key = at;
    at += part.text.length;
    return { ...part, key };
  });
  // Not a text node beside elements: a browser's translator moves those, and React could not remove them.
  const [only] = parts;
  const isPlain = parts.length === 1 && only?.kind === "text";
  return (
    <p dir="auto" className="message-text" data-emoji={isOnlyEmoji(text) || undefined}>
      {isPlain ? only.text : parts.map(({ key, ...part }) => <Words key={key} {...part} />)}
    </p>
  );
});

function Words({ kind, text, href }: Part) {
  if (kind === "text") return <span>{text}</span>;
  if (kind !== "link") return <mark className={kind}>{text}</mark>;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow ugc">
      {text}
    </a>
  );
}
