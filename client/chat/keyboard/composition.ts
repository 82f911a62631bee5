/** `keyCode` of every key during a composition. In Safari it is the only sign that Enter or Escape ended one. */
const COMPOSITION_KEY_CODE = 229;

/** Whether a key belongs to an input method, which composes a character with it. */
export function isOfComposition(event: Pick<KeyboardEvent, "isComposing" | "keyCode">): boolean {
  return event.isComposing || event.keyCode === COMPOSITION_KEY_CODE;
}
