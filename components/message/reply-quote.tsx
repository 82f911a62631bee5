import type { Comment } from "#schema/comment";

/** U+FE0E selects text presentation; without it many systems draw an emoji. */
const ARROW = "\u21aa\ufe0e";

/** Marks of a bot's Markdown that stand beside words. */
const MARKS = /\*\*|`/g;

interface ReplyQuoteProps {
  id: string;
  /** The original, if this page has it loaded. */
  original: Comment | undefined;
  onJump: (id: string) => void;
}

/** Quote above a reply; a click goes to the original. */
export function ReplyQuote({ id, original, onJump }: ReplyQuoteProps) {
  return (
    <button type="button" className="reply-quote" onClick={() => onJump(id)}>
      <span aria-hidden>{ARROW} </span>
      <span className="sr-only">Show quoted message: </span>
      {original ? (
        <>
          <bdi className="font-semibold">{original.username}</bdi>{" "}
          <bdi>{original.type === "bot" ? original.text.replace(MARKS, "") : original.text}</bdi>
        </>
      ) : (
        "an earlier message"
      )}
    </button>
  );
}
