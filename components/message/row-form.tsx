import { type FormEvent, type ReactNode, useState } from "react";
import { ApiError } from "#client/api/request";
import { Dialog } from "#components/ui/dialog";

interface RowFormProps {
  title: string;
  /** Label of the button. */
  action: string;
  onSubmit: () => Promise<void>;
  onClose: () => void;
  children: ReactNode;
}

/** A dialog about one message with one action. Stays open and says why when the action failed. */
export function RowForm({ title, action, onSubmit, onClose, children }: RowFormProps) {
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
        <button type="submit" className="small-button mt-4" disabled={isBusy}>
          {action}
        </button>
      </form>
    </Dialog>
  );
}

function problemWords(failure: unknown): string {
  if (!(failure instanceof ApiError) || failure.status === 0)
    return "Couldn't reach the wall. Try again.";
  return failure.problem ? failure.message : "Something went wrong. Try again.";
}
