/** Who a bearer token makes its sender. Never open by default: a token that is not set fits nobody. */
import { createHash, timingSafeEqual } from "node:crypto";
import { TOKEN_MIN_CHARACTERS } from "#schema/limits";

export type Role = "bot" | "admin";

/** The tokens that the deployment knows; absent or too short counts as not set. */
export type Tokens = { [Name in Role]?: string };

const ROLES: readonly Role[] = ["bot", "admin"];

/** The role of `token`, or `null`. Digests are compared in constant time, so that time tells nothing. */
export function roleOf(tokens: Tokens, token: string): Role | null {
  const sent = digest(token);
  const fitting = ROLES.filter((role) => {
    const known = tokens[role] ?? "";
    return timingSafeEqual(sent, digest(known)) && known.length >= TOKEN_MIN_CHARACTERS;
  });
  return fitting[0] ?? null;
}

/** The roles whose token is set but too short to be taken: a deployment is to hear of it. */
export function shortTokens(tokens: Tokens): Role[] {
  return ROLES.filter((role) => tokens[role] && tokens[role].length < TOKEN_MIN_CHARACTERS);
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
