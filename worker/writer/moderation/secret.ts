/** The secret with which an author takes a message down. Only its hash is stored, with the message. */
import { createHash, timingSafeEqual } from "node:crypto";

/** Whether a secret has this hash. Compares digests in constant time, so that timing shows nothing of the hash. */
export function provesAuthor(secret: string, secretHash: string | undefined): boolean {
  const sent = digest(digest(secret).toString("base64url"));
  return timingSafeEqual(sent, digest(secretHash ?? "")) && secretHash !== undefined;
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
