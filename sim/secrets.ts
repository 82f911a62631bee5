/** The secrets of simulated authors. */
import { createHash } from "node:crypto";
import type { Draft } from "#schema/comment";

/** Known to the author alone. */
export function secretOf(text: string): string {
  return `the secret of ${text}`;
}

/** A person's message with the hash of its secret. */
export function withHash(draft: { text: string; nonce: string }): Draft {
  const secretHash = createHash("sha256").update(secretOf(draft.text)).digest("base64url");
  return { ...draft, secretHash };
}
