import { REASON_MAX_CHARACTERS } from "#schema/limits";

interface ReasonFieldProps {
  /** The people who will read it. */
  label: string;
  reason: string;
  /** The dialog opens with the focus here, except where that would bring up a keyboard on the screen. */
  isFirst?: boolean;
  onChange: (reason: string) => void;
}

/** The optional reason for an action. */
export function ReasonField({ label, reason, isFirst = false, onChange }: ReasonFieldProps) {
  return (
    <label className="mt-4 flex flex-col gap-1.5">
      <span className="text-quiet">{label}</span>
      <input
        ref={isFirst ? markFirst : undefined}
        value={reason}
        maxLength={REASON_MAX_CHARACTERS}
        className="search-field"
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  );
}

/** `showModal` looks for the attribute, which React doesn't render: it moves the focus itself, too early. */
function markFirst(input: HTMLInputElement | null): void {
  input?.toggleAttribute("autofocus", !matchMedia("(pointer: coarse)").matches);
}
