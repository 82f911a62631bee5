import { type ReactNode, useState } from "react";
import { refusalWords } from "#client/admin/words";
import { FormDialog } from "#components/ui/form-dialog";
import { ReasonField } from "#components/ui/reason-field";

interface ConfirmDialogProps {
  title: string;
  /** Label of the confirm button. */
  action: string;
  /** The action takes something away: its button looks like it. */
  isDestructive?: boolean;
  onConfirm: (reason: string) => Promise<void>;
  onClose: () => void;
  children: ReactNode;
}

/** Asks an admin for confirmation and a reason. */
export function ConfirmDialog({ onConfirm, children, ...dialog }: ConfirmDialogProps) {
  const [reason, setReason] = useState("");
  const submit = async () => {
    await onConfirm(reason);
    dialog.onClose();
  };
  return (
    <FormDialog {...dialog} problemWords={refusalWords} onSubmit={submit}>
      {children}
      <ReasonField
        label="Reason (optional, shown in the audit log)"
        reason={reason}
        onChange={setReason}
      />
    </FormDialog>
  );
}
