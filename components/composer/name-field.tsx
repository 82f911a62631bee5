import { ANONYMOUS } from "#schema/limits";

interface NameFieldProps {
  name: string;
  onChange: (name: string) => void;
  /** Enter was pressed. */
  onDone: () => void;
}

/** The name, edited in place and saved as it is typed. */
export function NameField({ name, onChange, onDone }: NameFieldProps) {
  return (
    <input
      type="text"
      dir="auto"
      value={name}
      placeholder={ANONYMOUS}
      aria-label="Your name"
      autoComplete="off"
      spellCheck={false}
      enterKeyHint="done"
      className="name-field"
      onChange={(event) => onChange(event.target.value)}
      onKeyDown={(event) => {
        if (event.key !== "Enter" || event.nativeEvent.isComposing) return;
        // It would send the message, which may be half written.
        event.preventDefault();
        onDone();
      }}
    />
  );
}
