/** Finds the role of a request's bearer token. A role whose token is not configured is closed to everybody. */
import { createHash, timingSafeEqual } from "node:crypto";
import { TOKEN_MIN_CHARACTERS } from "#schema/limits";

export type Role = "bot" | "admin";

/** The deployment's tokens. One that is too short counts as not set. */
export type Tokens = { [Name in Role]?: string };

const ROLES: readonly Role[] = ["bot", "admin"];

/** The role that has this token, or `null`. Compares digests in constant time, so that timing leaks nothing. */
export function roleOf(tokens: Tokens, token: string): Role | null {
  const sent = digest(token);
  const matching = ROLES.filter((role) => {
    const known = tokens[role] ?? "";
    return timingSafeEqual(sent, digest(known)) && known.length >= TOKEN_MIN_CHARACTERS;
  });
  return matching[0] ?? null;
}

/** The roles whose token is set but too short to be accepted. The entrypoint logs them as a warning. */
export function shortTokens(tokens: Tokens): Role[] {
  return ROLES.filter((role) => tokens[role] && tokens[role].length < TOKEN_MIN_CHARACTERS);
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
