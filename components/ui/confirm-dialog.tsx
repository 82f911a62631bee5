import { type FormEvent, type ReactNode, useState } from "react";
import { refusalWords } from "#client/admin/words";
import { Dialog } from "#components/ui/dialog";
import { REASON_MAX_CHARACTERS } from "#schema/limits";

interface ConfirmDialogProps {
  title: string;
  /** Label of the confirm button. */
  action: string;
  /** The action can't be undone. */
  isDestructive?: boolean;
  onConfirm: (reason: string) => Promise<void>;
  onClose: () => void;
  children: ReactNode;
}

/**
 * Asks for confirmation and a reason. Stays open and shows the error when the request is rejected.
 */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { title, action, isDestructive = false, onConfirm, onClose, children } = props;
  const [reason, setReason] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      await onConfirm(reason);
      onClose();
    } catch (failure) {
      setProblem(refusalWords(failure));
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={submit}>
        {children}
        <label className="mt-4 flex flex-col gap-1.5">
          <span className="text-quiet">Reason (optional, shown in the audit log)</span>
          <input
            value={reason}
            maxLength={REASON_MAX_CHARACTERS}
            className="search-field"
            onChange={(event) => setReason(event.target.value)}
          />
        </label>
        <p role="alert" className="mt-2 text-[var(--alarm)] empty:hidden">
          {problem}
        </p>
        <button
          type="submit"
          className={`small-button mt-4 ${isDestructive ? "danger-button" : ""}`}
          disabled={isBusy}
        >
          {action}
        </button>
      </form>
    </Dialog>
  );
}
