import { useState } from "react";
import { reportComment } from "#client/wall/comment-api";
import { RowExcerpt } from "#components/message/row-excerpt";
import { Dialog } from "#components/ui/dialog";
import { FormDialog } from "#components/ui/form-dialog";
import { ReasonField } from "#components/ui/reason-field";

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
    <FormDialog title="Report this message?" action="Report" onSubmit={report} onClose={onClose}>
      <RowExcerpt id={id} />
      <ReasonField
        label="Reason (optional, shown to admins)"
        reason={reason}
        isFirst
        onChange={setReason}
      />
    </FormDialog>
  );
}
