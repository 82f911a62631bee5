/**
 * The secrets with which a person takes messages of this browser down. Each message has a random one of its own: the
 * wall stores their hashes, and two of them show nothing about whether one browser made both.
 */
import { OWN_REMOVAL_MS } from "#schema/limits";
import { Setting } from "../browser/setting";

/** More than the limit of posts lets one address send in the time. */
const OWN_MAX = 250;
const SECRET_BYTES = 32;
const SECRET_PATTERN = /^[\w-]{43}$/;

export interface OwnMessage {
  nonce: string;
  secret: string;
  /** When it was last sent, by this browser's clock in ms. */
  at: number;
}

/** Shared by the browser's tabs, oldest first. */
export const ownMessages = new Setting<readonly OwnMessage[]>("own", [], parseOwn);

export function parseOwn(stored: unknown): OwnMessage[] {
  return Array.isArray(stored) ? fresh(stored.filter(isOwnMessage)) : [];
}

/** The secret of the message with this nonce, which is about to be sent. Made at its first attempt. */
export function secretOf(nonce: string): string {
  const known = ownMessages.snapshot().find((own) => own.nonce === nonce);
  const secret = known?.secret ?? makeSecret();
  const others = ownMessages.snapshot().filter((own) => own.nonce !== nonce);
  ownMessages.set(fresh([...others, { nonce, secret, at: Date.now() }]));
  return secret;
}

/** Forgets a message, and those that are too old to be taken down. */
export function forgetOwn(nonce?: string): void {
  ownMessages.set(fresh(ownMessages.snapshot().filter((own) => own.nonce !== nonce)));
}

/** The SHA-256 of a secret as base64url; `undefined` in insecure contexts, where browsers have no digests. */
export async function hashOf(secret: string): Promise<string | undefined> {
  const digest = await crypto.subtle?.digest("SHA-256", new TextEncoder().encode(secret));
  return digest && base64url(new Uint8Array(digest));
}

function makeSecret(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(SECRET_BYTES)));
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

/** In both directions: a clock that was set back must not keep one for long. */
function fresh(messages: readonly OwnMessage[]): OwnMessage[] {
  const now = Date.now();
  return messages.filter(({ at }) => Math.abs(now - at) < OWN_REMOVAL_MS).slice(-OWN_MAX);
}

function isOwnMessage(value: Partial<OwnMessage> | null): value is OwnMessage {
  return (
    typeof value?.nonce === "string" &&
    typeof value.secret === "string" &&
    SECRET_PATTERN.test(value.secret) &&
    typeof value.at === "number"
  );
}
