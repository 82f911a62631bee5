import { memo } from "react";
import { useLinkFinder } from "#client/chat/use-link-finder";
import { isOnlyEmoji, type Part, partsOf } from "#client/chat/words";
import { useFinder } from "#client/search/use-finder";

interface MessageTextProps {
  text: string;
  /** The reader's own name, and the search text; empty for none. */
  name: string;
  query: string;
}

/** A message's text: text nodes, some of them inside a link or a mark. */
export const MessageText = memo(function MessageText({ text, name, query }: MessageTextProps) {
  const findLinks = useLinkFinder(text);
  const find = useFinder(query)?.find;
  let at = 0;
  const parts = partsOf(text, { name, find }, findLinks).map((part) => {
    const key = at;
    at += part.text.length;
    return { ...part, key };
  });
  return (
    <p dir="auto" className="message-text" data-emoji={isOnlyEmoji(text) || undefined}>
      {parts.map(({ key, ...part }) => (
        <Words key={key} {...part} />
      ))}
    </p>
  );
});

function Words({ kind, text, href }: Part) {
  if (kind === "text") return text;
  if (kind !== "link") return <mark className={kind}>{text}</mark>;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow ugc">
      {text}
    </a>
  );
}
