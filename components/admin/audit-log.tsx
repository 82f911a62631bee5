import { useState } from "react";
import { actionWords, leftWords } from "#client/admin/words";
import { useNow } from "#client/browser/use-now";
import { When } from "#components/admin/when";
import type { AuditEntry, UndoOffer } from "#schema/moderation";

/** Entries shown before "Show all". */
const SHORT = 20;

/** Interval for updating the time left for an undo. */
const LEFT_INTERVAL_MS = 10_000;

interface AuditLogProps {
  entries: readonly AuditEntry[];
  /** The removals among them that can be undone. */
  offers: readonly UndoOffer[];
  onUndo: (entry: AuditEntry) => void;
}

/** Admin actions, newest first. */
export function AuditLog({ entries, offers, onUndo }: AuditLogProps) {
  const now = useNow(LEFT_INTERVAL_MS);
  const [isLong, setLong] = useState(false);
  const shown = isLong ? entries : entries.slice(0, SHORT);
  return (
    <section aria-labelledby="audit-title" className="mt-8">
      <h2 id="audit-title" className="text-title font-semibold">
        Audit log
      </h2>
      {entries.length === 0 && <p className="mt-2 text-quiet">No admin actions yet.</p>}
      <ol className="mt-2 flex flex-col gap-2">
        {shown.map((entry) => (
          <li key={entry.id} className="[overflow-wrap:anywhere]">
            <When at={entry.at} /> <span id={`entry-${entry.id}`}>{actionWords(entry)}</span>
            {entry.by && <span className="text-quiet"> · by {entry.by}</span>}
            {entry.reason && <span className="text-quiet"> · {entry.reason}</span>}
            <Undo
              offer={offers.find(({ id }) => id === entry.id)}
              now={now}
              onUndo={() => onUndo(entry)}
            />
          </li>
        ))}
      </ol>
      {entries.length > shown.length && (
        <button type="button" className="small-button mt-3" onClick={() => setLong(true)}>
          Show all {entries.length}
        </button>
      )}
    </section>
  );
}

interface UndoProps {
  offer: UndoOffer | undefined;
  now: number | null;
  onUndo: () => void;
}

/** Brings the removed messages back, with the time left for it. */
function Undo({ offer, now, onUndo }: UndoProps) {
  if (!offer || now === null) return null;
  if (offer.isUndoing) return <span className="block text-quiet">Undoing…</span>;
  if (offer.until <= now) return null;
  return (
    <span className="mt-1 flex items-center gap-2">
      <button
        type="button"
        className="small-button"
        aria-describedby={`entry-${offer.id}`}
        onClick={onUndo}
      >
        {offer.count === 1 ? "Undo" : `Undo (${offer.count} messages)`}
      </button>
      <span className="text-quiet tabular-nums">{leftWords(offer.until, now)}</span>
    </span>
  );
}
