import { useState } from "react";
import type { AdminApi } from "#client/admin/api";
import { useRemovalPreview } from "#client/admin/use-preview";
import { counted } from "#client/admin/words";
import { SenderPreview } from "#components/admin/sender-preview";
import { ConfirmDialog } from "#components/ui/confirm-dialog";
import type { Comment } from "#schema/comment";

export interface RemovalChoice {
  reason: string;
  /** Remove everything else of this sender too. */
  all: boolean;
  /** Remove bots' replies too. */
  replies: boolean;
}

interface RemoveDialogProps {
  api: AdminApi;
  comment: Comment;
  onConfirm: (choice: RemovalChoice) => Promise<void>;
  onClose: () => void;
}

/** Asks for confirmation, and what else to remove; shows first how much that is. */
export function RemoveDialog({ api, comment, onConfirm, onClose }: RemoveDialogProps) {
  const { id, username, text, type } = comment;
  const { preview, hasFailed } = useRemovalPreview(api, id);
  const [all, setAll] = useState(false);
  const [replies, setReplies] = useState(true);
  const sender = preview?.sender;
  const replyCount = (all && sender ? sender.replies : preview?.replies) ?? 0;
  const senderCount = sender ? ` (${counted(sender.messages, "message", "messages")})` : "";
  return (
    <ConfirmDialog
      title="Remove this message?"
      action={
        all && sender ? `Remove ${counted(sender.messages, "message", "messages")}` : "Remove"
      }
      isDestructive
      onConfirm={(reason) => onConfirm({ reason, all, replies })}
      onClose={onClose}
    >
      <p className="line-clamp-6 [overflow-wrap:anywhere]">
        <bdi className="font-semibold">{username}</bdi> <bdi>{text}</bdi>
      </p>
      <p className="mt-2 text-quiet">
        It disappears from every open page. You can undo this for 10 minutes; then it is erased.
      </p>
      <p role="status" className="mt-2 text-quiet empty:hidden">
        {!preview && !hasFailed && "Counting…"}
        {hasFailed && "Couldn’t count what goes with it."}
      </p>
      {(replyCount > 0 || hasFailed) && (
        <label className="mt-3 flex items-baseline gap-2">
          <input
            type="checkbox"
            checked={replies}
            onChange={({ target }) => setReplies(target.checked)}
          />
          <span>
            Also remove{" "}
            {hasFailed
              ? "replies by bots"
              : counted(replyCount, "reply by a bot", "replies by bots")}
          </span>
        </label>
      )}
      {type === "human" && (sender || hasFailed) && (
        <label className="mt-3 flex items-baseline gap-2">
          <input type="checkbox" checked={all} onChange={({ target }) => setAll(target.checked)} />
          <span>
            Also remove everything else sent from this address that day (UTC){senderCount}, except
            messages whose sender could not be recorded
          </span>
        </label>
      )}
      {type === "human" && preview && !sender && (
        <p className="mt-3 text-quiet">
          Its sender is unknown, so it can only be removed by itself.
        </p>
      )}
      {all && sender && <SenderPreview sender={sender} />}
    </ConfirmDialog>
  );
}
