/** The admin token, kept for this tab's session and no longer. */
import { sessionStore } from "../browser/storage";

const KEY = "admin-token";

export function keptToken(): string {
  return sessionStore()?.getItem(KEY) ?? "";
}

/** An empty token forgets. */
export function keepToken(token: string): void {
  if (token) sessionStore()?.setItem(KEY, token);
  else sessionStore()?.removeItem(KEY);
}
