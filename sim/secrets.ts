/** Fields that simulated authors send with a message: the hash of a secret, and the bot that it is for. */
import { createHash } from "node:crypto";
import type { Draft } from "#schema/comment";

/** Known to the author alone. */
export function secretOf(text: string): string {
  return `the secret of ${text}`;
}

/** The bots that messages are addressed to. */
export const ENTITIES = ["ada", "bob"] as const;

/** Two messages in ten are for each of them, and those that name one. */
function entityOf(nonce: string): string | undefined {
  const digit = Number(/-message-\d*(\d)$/.exec(nonce)?.[1] ?? 9);
  return ENTITIES[digit % 5] ?? ENTITIES.find((entity) => nonce === `daily-${entity}`);
}

/** A person's message with the hash of its secret, for a bot or for nobody. */
export function withHash(draft: { text: string; nonce: string }): Draft {
  const secretHash = createHash("sha256").update(secretOf(draft.text)).digest("base64url");
  const entity = entityOf(draft.nonce);
  return { ...draft, secretHash, ...(entity !== undefined && { botParams: { entity } }) };
}
