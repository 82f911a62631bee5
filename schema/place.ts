/** A position in the wall's history: a comment, and its position in the ledger's list. */
import { isId } from "./id";

export interface Place {
  id: string;
  /** The ledger's own list cursor of the page that contains `id`; absent when unknown. */
  listCursor?: string;
}

const ID_LENGTH = 24;

/** KV's own cursors are far shorter. */
const PLACE_MAX_LENGTH = 2_048;

/** Opaque to clients, safe in a URL: the bare id, or with the list's cursor in base64url. */
export function formatPlace({ id, listCursor }: Place): string {
  return listCursor === undefined ? id : `${id}.${toBase64Url(listCursor)}`;
}

/** Parses a comment id or the output of `formatPlace`; `null` for anything else. */
export function parsePlace(text: string): Place | null {
  const id = text.slice(0, ID_LENGTH);
  if (!isId(id) || text.length > PLACE_MAX_LENGTH) return null;
  if (text === id) return { id };
  const encoded = text.slice(ID_LENGTH + 1);
  const listCursor = fromBase64Url(encoded);
  // Only accepts text that formats back to itself: one place has one text.
  return listCursor && formatPlace({ id, listCursor }) === text ? { id, listCursor } : null;
}

function toBase64Url(text: string): string {
  const bytes = new TextEncoder().encode(text);
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
}

function fromBase64Url(encoded: string): string | null {
  try {
    const binary = atob(encoded.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
