/** The admin token, kept in this tab's session storage. */
import { sessionStore } from "../browser/storage";

const KEY = "admin-token";

export function keptToken(): string {
  return sessionStore()?.getItem(KEY) ?? "";
}

/** An empty token deletes the stored one. */
export function keepToken(token: string): void {
  if (token) sessionStore()?.setItem(KEY, token);
  else sessionStore()?.removeItem(KEY);
}
