import type { Comment } from "#schema/comment";

/** As text: without the variation selector many systems draw an emoji. */
const ARROW = "\u21aa\ufe0e";

interface ReplyQuoteProps {
  id: string;
  /** The original, where this page holds it. */
  original: Comment | undefined;
  onJump: (id: string) => void;
}

/** Above a reply: what it answers, and the way there. */
export function ReplyQuote({ id, original, onJump }: ReplyQuoteProps) {
  return (
    <button type="button" className="reply-quote" onClick={() => onJump(id)}>
      <span aria-hidden>{ARROW} </span>
      {original ? (
        <>
          <bdi className="font-semibold">{original.username}</bdi> <bdi>{original.text}</bdi>
        </>
      ) : (
        "an earlier message"
      )}
    </button>
  );
}
