/** The second half of an id: random, or derived from the nonce, so that all copies of a message share it. */
import { createHash } from "node:crypto";
import type { Comment } from "#schema/comment";
import { suffixFromBytes } from "#schema/id";

export interface SuffixSource {
  random(): string;
  /** People's and bots' nonces have separate namespaces, so that neither can use up the other's. */
  ofNonce(type: Comment["type"], nonce: string): string;
}

export const suffixes: SuffixSource = {
  random: () => suffixFromBytes(crypto.getRandomValues(new Uint8Array(8))),
  ofNonce: (type, nonce) =>
    suffixFromBytes(createHash("sha256").update(`${type}:${nonce}`).digest()),
};
