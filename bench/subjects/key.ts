/** One key per message, newest first, like the wall's. */
const LAST_TIMESTAMP = 9_999_999_999_999;

export function freshKey(): string {
  return `comment:${LAST_TIMESTAMP - Date.now()}:${crypto.randomUUID()}`;
}
