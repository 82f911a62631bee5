import { type Part, splitAtBlankLines } from "#client/chat/words";

export interface TextProps {
  /** The id of the element with the whole text. */
  id?: string;
  text: string;
  /** The reader's own name, and the search text; empty for none. */
  name: string;
  query: string;
}

/** A text as text nodes, some of them inside a link or a mark. */
export function TextParts({ parts }: { parts: readonly Part[] }) {
  let at = 0;
  return parts.map((part) => {
    const key = at;
    at += part.text.length;
    return <Words key={key} {...part} />;
  });
}

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
