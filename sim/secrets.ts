/** What simulated authors send with their messages: the hash of a secret, and the bot that a message is for. */
import { createHash } from "node:crypto";
import type { Draft } from "#schema/comment";

/** Known to the author alone. */
export function secretOf(text: string): string {
  return `the secret of ${text}`;
}

/** The bots that messages are addressed to. */
export const ENTITIES = ["ada", "bob"] as const;

/** One message in five is for each of them. */
function entityOf(nonce: string): string | undefined {
  const index = /-message-\d*([05])$/.exec(nonce)?.[1];
  return index === undefined ? undefined : ENTITIES[index === "0" ? 0 : 1];
}

/** A person's message with the hash of its secret, for a bot or for nobody. */
export function withHash(draft: { text: string; nonce: string }): Draft {
  const secretHash = createHash("sha256").update(secretOf(draft.text)).digest("base64url");
  const entity = entityOf(draft.nonce);
  return { ...draft, secretHash, ...(entity !== undefined && { botParams: { entity } }) };
}
