import { useState } from "react";
import { reportComment } from "#client/wall/api";
import { RowExcerpt } from "#components/message/row-excerpt";
import { RowForm } from "#components/message/row-form";
import { Dialog } from "#components/ui/dialog";
import { REASON_MAX_CHARACTERS } from "#schema/limits";

interface ReportDialogProps {
  id: string;
  onClose: () => void;
}

/** Reports a message to the admins, with an optional reason. */
export function ReportDialog({ id, onClose }: ReportDialogProps) {
  const [reason, setReason] = useState("");
  const [isDone, setDone] = useState(false);
  if (isDone)
    return (
      <Dialog title="Message reported" onClose={onClose}>
        <p role="status">Thank you. An admin can now see your report.</p>
      </Dialog>
    );
  const report = async () => {
    await reportComment(id, reason);
    setDone(true);
  };
  return (
    <RowForm title="Report this message?" action="Report" onSubmit={report} onClose={onClose}>
      <RowExcerpt id={id} />
      <label className="mt-4 flex flex-col gap-1.5">
        <span className="text-quiet">Reason (optional, shown to admins)</span>
        <input
          value={reason}
          maxLength={REASON_MAX_CHARACTERS}
          className="search-field"
          onChange={(event) => setReason(event.target.value)}
        />
      </label>
    </RowForm>
  );
}
