import { REASON_MAX_CHARACTERS } from "#schema/limits";

interface ReasonFieldProps {
  /** The people who will read it. */
  label: string;
  reason: string;
  onChange: (reason: string) => void;
}

/** The optional reason for an action. */
export function ReasonField({ label, reason, onChange }: ReasonFieldProps) {
  return (
    <label className="mt-4 flex flex-col gap-1.5">
      <span className="text-quiet">{label}</span>
      <input
        value={reason}
        maxLength={REASON_MAX_CHARACTERS}
        className="search-field"
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  );
}
