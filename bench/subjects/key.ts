/** A key of its own for each message, newest first, as the wall's are. */
const LAST_TIMESTAMP = 9_999_999_999_999;

export function freshKey(): string {
  return `comment:${LAST_TIMESTAMP - Date.now()}:${crypto.randomUUID()}`;
}
