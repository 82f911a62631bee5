import { composer } from "../chat/composer";

/** Types `@` at the end of the message, which opens the list of names. */
export function startMention(): void {
  const field = composer();
  if (!(field instanceof HTMLTextAreaElement)) return;
  const { value } = field;
  const mark = value === "" || /\s$/.test(value) ? "@" : " @";
  field.focus();
  if (!/(?:^|\s)@$/.test(value)) field.setRangeText(mark, value.length, value.length, "end");
  field.setSelectionRange(field.value.length, field.value.length);
  // React hears it as typed.
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
}
