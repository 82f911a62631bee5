import { useState } from "react";
import type { AdminApi } from "#client/admin/api";
import { useRemovalPreview } from "#client/admin/use-preview";
import { SenderPreview } from "#components/admin/sender-preview";
import { ConfirmDialog } from "#components/ui/confirm-dialog";
import type { Comment } from "#schema/comment";

interface BlockDialogProps {
  api: AdminApi;
  comment: Comment;
  onConfirm: (hours: 1 | 24, reason: string) => Promise<void>;
  onClose: () => void;
}

const TIMES = [
  [1, "For an hour"],
  [24, "For a day"],
] as const;

/** Asks for how long a sender is blocked; shows first what was sent from the same address. */
export function BlockDialog({ api, comment, onConfirm, onClose }: BlockDialogProps) {
  const { preview } = useRemovalPreview(api, comment.id);
  const [hours, setHours] = useState<1 | 24>(1);
  return (
    <ConfirmDialog
      title="Block this sender?"
      action={hours === 1 ? "Block for an hour" : "Block for a day"}
      isDestructive
      onConfirm={(reason) => onConfirm(hours, reason)}
      onClose={onClose}
    >
      <p>
        New messages from the address of this message are refused, and so are those of everyone
        behind the same address. Nothing is removed.
      </p>
      {preview?.sender && <SenderPreview sender={preview.sender} />}
      <fieldset className="mt-3 flex flex-wrap gap-4">
        <legend className="sr-only">How long</legend>
        {TIMES.map(([value, label]) => (
          <label key={value} className="flex items-baseline gap-2">
            <input
              type="radio"
              name="hours"
              checked={hours === value}
              onChange={() => setHours(value)}
            />
            {label}
          </label>
        ))}
      </fieldset>
    </ConfirmDialog>
  );
}
