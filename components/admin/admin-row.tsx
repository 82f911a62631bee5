import { memo } from "react";
import { tintOf } from "#client/chat/tint";
import { When } from "#components/admin/when";
import { MessageText } from "#components/message/message-text";
import type { Comment } from "#schema/comment";

interface AdminRowProps {
  comment: Comment;
  query: string;
  onRemove: (comment: Comment) => void;
  onBlock: (comment: Comment) => void;
}

/** One message with its buttons. */
export const AdminRow = memo(function AdminRow(props: AdminRowProps) {
  const { comment, query, onRemove, onBlock } = props;
  const { id, username, timestamp, text, color, type } = comment;
  return (
    <li className="message ps-4" data-state="sent" data-type={type} style={tintOf(color)}>
      <div className="flex items-start gap-2">
        <div className="flex min-w-0 flex-1 flex-wrap items-baseline gap-x-2">
          <bdi
            id={`by-${id}`}
            title={username}
            className="min-w-0 truncate font-semibold text-tint"
          >
            {username}
          </bdi>
          {type === "bot" && <span className="badge">bot</span>}
          <When at={timestamp} />
        </div>
        {type === "human" && (
          <button
            type="button"
            className="small-button shrink-0"
            aria-describedby={`by-${id} text-${id}`}
            onClick={() => onBlock(comment)}
          >
            Block
          </button>
        )}
        <button
          type="button"
          className="small-button danger-button shrink-0"
          aria-describedby={`by-${id} text-${id}`}
          onClick={() => onRemove(comment)}
        >
          Remove
        </button>
      </div>
      <div id={`text-${id}`}>
        <MessageText text={text} name="" query={query} />
      </div>
    </li>
  );
});
