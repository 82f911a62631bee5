import { useState } from "react";
import { ConfirmDialog } from "#components/ui/confirm-dialog";
import type { Comment } from "#schema/comment";

interface RemoveDialogProps {
  comment: Comment;
  /** `all`: remove everything else of this sender too. */
  onConfirm: (reason: string, all: boolean) => Promise<void>;
  onClose: () => void;
}

/** Asks for confirmation, and whether to remove the sender's other messages too. */
export function RemoveDialog({ comment, onConfirm, onClose }: RemoveDialogProps) {
  const { username, text, type } = comment;
  const [all, setAll] = useState(false);
  return (
    <ConfirmDialog
      title="Remove this message?"
      action="Remove permanently"
      isDestructive
      onConfirm={(reason) => onConfirm(reason, all)}
      onClose={onClose}
    >
      <p className="line-clamp-6 [overflow-wrap:anywhere]">
        <bdi className="font-semibold">{username}</bdi> <bdi>{text}</bdi>
      </p>
      <p className="mt-2 text-quiet">It disappears from every open page and can't be restored.</p>
      {type === "human" && (
        <label className="mt-3 flex items-baseline gap-2">
          <input type="checkbox" checked={all} onChange={({ target }) => setAll(target.checked)} />
          <span>
            Also remove everything else sent from this address that day (UTC), except messages whose
            sender could not be recorded
          </span>
        </label>
      )}
    </ConfirmDialog>
  );
}
