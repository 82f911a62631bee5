import { useState } from "react";
import { actionWords } from "#client/admin/words";
import { When } from "#components/admin/when";
import type { AuditEntry } from "#schema/moderation";

/** Entries shown before "Show all". */
const SHORT = 20;

/** Admin actions, newest first. */
export function AuditLog({ entries }: { entries: readonly AuditEntry[] }) {
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
          <li
            key={`${entry.at} ${entry.deed} ${entry.target}`}
            className="[overflow-wrap:anywhere]"
          >
            <When at={entry.at} /> {actionWords(entry)}
            {entry.reason && <span className="text-quiet"> · {entry.reason}</span>}
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
