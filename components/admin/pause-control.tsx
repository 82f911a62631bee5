import { useState } from "react";
import { ConfirmDialog } from "#components/ui/confirm-dialog";

interface PauseControlProps {
  isPaused: boolean;
  onChange: (paused: boolean, reason: string) => Promise<void>;
}

/** Shows whether posting is paused, with the switch. */
export function PauseControl({ isPaused, onChange }: PauseControlProps) {
  const [isAsking, setAsking] = useState(false);
  return (
    <section aria-label="Posting" className="flex flex-wrap items-center gap-x-3 gap-y-2">
      <p role="status" className={isPaused ? "font-semibold text-[var(--alarm)]" : ""}>
        {isPaused ? "Posting is paused." : "Posting is open."}
      </p>
      <button type="button" className="small-button" onClick={() => setAsking(true)}>
        {isPaused ? "Resume posting" : "Pause posting"}
      </button>
      {isAsking && (
        <ConfirmDialog
          title={isPaused ? "Resume posting?" : "Pause posting?"}
          action={isPaused ? "Resume" : "Pause"}
          onConfirm={(reason) => onChange(!isPaused, reason)}
          onClose={() => setAsking(false)}
        >
          <p>
            {isPaused
              ? "Messages written in the meantime are sent automatically."
              : "People and bots can't post while posting is paused. Everyone can still read. Messages written in the meantime wait and are sent when you resume."}
          </p>
        </ConfirmDialog>
      )}
    </section>
  );
}
