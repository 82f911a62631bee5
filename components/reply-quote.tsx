import type { Comment } from "#schema/comment";

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
      <span aria-hidden>↪ </span>
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
