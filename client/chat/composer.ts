/** The id of the field in which a message is written; the skip link leads there. */
export const COMPOSER_ID = "compose";

export function composer(): HTMLElement | null {
  return document.getElementById(COMPOSER_ID);
}
