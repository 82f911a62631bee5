import { useState } from "react";
import { ConfirmDialog } from "#components/ui/confirm-dialog";

interface PauseControlProps {
  isPaused: boolean;
  onChange: (paused: boolean, reason: string) => Promise<void>;
}

/** Whether the wall takes messages, and the switch. */
export function PauseControl({ isPaused, onChange }: PauseControlProps) {
  const [isAsking, setAsking] = useState(false);
  return (
    <section aria-label="Posting" className="flex flex-wrap items-center gap-x-3 gap-y-2">
      <p role="status" className={isPaused ? "font-semibold text-[var(--alarm)]" : ""}>
        {isPaused ? "Posting is paused." : "Posting is open."}
      </p>
      <button type="button" className="small-button" onClick={() => setAsking(true)}>
        {isPaused ? "Open posting again" : "Pause posting"}
      </button>
      {isAsking && (
        <ConfirmDialog
          title={isPaused ? "Open posting again?" : "Pause posting?"}
          action={isPaused ? "Open again" : "Pause"}
          onConfirm={(reason) => onChange(!isPaused, reason)}
          onClose={() => setAsking(false)}
        >
          <p>
            {isPaused
              ? "What people have written meanwhile goes out by itself."
              : "Nobody can post, people or bots. Everybody can read; what is written waits."}
          </p>
        </ConfirmDialog>
      )}
    </section>
  );
}
