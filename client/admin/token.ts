/**
 * The admin token, kept in this tab's session storage and nowhere else: a page that the browser
 * brings back from its cache has only what the storage still holds.
 */
import { Listeners } from "../browser/listeners";
import { sessionStore } from "../browser/storage";

const KEY = "admin-token";
/** Tells the browser's other tabs that an admin signed out. */
const CHANNEL_NAME = "saywhatwant:signed-out";

const listeners = new Listeners();
/** Used only if the browser blocks its storage: the token then lasts until the page is left. */
let unstored = "";

/** The token for the next request; empty while signed out. */
export function keptToken(): string {
  return sessionStore()?.getItem(KEY) ?? unstored;
}

export function signIn(token: string): void {
  try {
    sessionStore()?.setItem(KEY, token);
  } catch {
    // Storage is full.
  }
  if (keptToken() !== token) unstored = token;
  listeners.notify();
}

/** Signs out in all tabs of this browser. */
export function signOut(): void {
  forget();
  const channel = new BroadcastChannel(CHANNEL_NAME);
  channel.postMessage(null);
  channel.close();
}

/** Calls `listener` when the token may have changed. Returns a function that unsubscribes. */
export function onToken(listener: () => void): () => void {
  const end = listeners.subscribe(listener);
  const channel = new BroadcastChannel(CHANNEL_NAME);
  channel.onmessage = forget;
  // The page may come from the back/forward cache, where it heard of no sign-out.
  const onPageShow = () => {
    unstored = "";
    listener();
  };
  window.addEventListener("pageshow", onPageShow);
  return () => {
    end();
    channel.close();
    window.removeEventListener("pageshow", onPageShow);
  };
}

function forget(): void {
  sessionStore()?.removeItem(KEY);
  unstored = "";
  listeners.notify();
}
