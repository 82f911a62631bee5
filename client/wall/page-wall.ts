/** The page's single wall instance. */
import { postComment, readComments, readHistory } from "./api";
import { Wall } from "./wall";

export const pageWall = new Wall({
  read: readComments,
  readHistory,
  post: postComment,
  now: Date.now,
  isOnline: () => navigator.onLine,
  random: Math.random,
  makeNonce,
  hashFor,
});

/** A message can be sent without: it then can't be taken down by its author. */
async function hashFor(nonce: string): Promise<string | undefined> {
  try {
    const { hashOf, secretOf } = await import("../kept/own-messages");
    return await hashOf(secretOf(nonce));
  } catch {
    return undefined;
  }
}

/** 128 random bits. (`crypto.randomUUID` is missing in insecure contexts.) */
function makeNonce(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
