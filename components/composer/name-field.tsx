import { ANONYMOUS } from "#schema/limits";

interface NameFieldProps {
  name: string;
  onChange: (name: string) => void;
}

/** The name, edited in place and saved as it is typed. */
export function NameField({ name, onChange }: NameFieldProps) {
  return (
    <input
      type="text"
      dir="auto"
      value={name}
      placeholder={ANONYMOUS}
      aria-label="Your name"
      autoComplete="off"
      spellCheck={false}
      className="name-field"
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
