/** The second half of an id: random, or, for a message with a nonce, the same for each copy of it. */
import { createHash } from "node:crypto";
import type { Comment } from "#schema/comment";
import { suffixFromBytes } from "#schema/id";

export interface SuffixSource {
  random(): string;
  /** People's and bots' nonces are apart, so that neither can take the other's. */
  ofNonce(type: Comment["type"], nonce: string): string;
}

export const suffixes: SuffixSource = {
  random: () => suffixFromBytes(crypto.getRandomValues(new Uint8Array(8))),
  ofNonce: (type, nonce) =>
    suffixFromBytes(createHash("sha256").update(`${type}:${nonce}`).digest()),
};
