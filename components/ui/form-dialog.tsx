import { type FormEvent, type ReactNode, useState } from "react";
import { ApiError } from "#client/api/request";
import { Dialog } from "#components/ui/dialog";

interface FormDialogProps {
  title: string;
  /** Label of the button. */
  action: string;
  /** The action takes something away: its button looks like it. */
  isDestructive?: boolean;
  /** The words for a failed action. */
  problemWords?: (failure: unknown) => string;
  onSubmit: () => Promise<void>;
  onClose: () => void;
  children: ReactNode;
}

/** A dialog with one action. Stays open and says why when the action failed. */
export function FormDialog(props: FormDialogProps) {
  const { title, action, isDestructive = false, onSubmit, onClose, children } = props;
  const { problemWords = plainWords } = props;
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem("");
    try {
      await onSubmit();
    } catch (failure) {
      setProblem(problemWords(failure));
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={submit}>
        {children}
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

function plainWords(failure: unknown): string {
  if (!(failure instanceof ApiError) || failure.status === 0)
    return "Couldn't reach the wall. Try again.";
  return failure.problem ? failure.message : "Something went wrong. Try again.";
}
