/**
 * Finds the holder of a request's bearer token. A role whose token is not configured is closed to everybody.
 *
 * A role has one token or several, separated by spaces, each with or without the name of its holder before a colon:
 * `alice:TOKEN bob:TOKEN`. No valid token contains a colon.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import {
  TOKEN_MIN_CHARACTERS,
  TOKEN_NAME_MAX_CHARACTERS,
  TOKENS_PER_ROLE_MAX,
} from "#schema/limits";

export type Role = "bot" | "admin";

/** The deployment's tokens as they are set. One that is too short, or one too many, counts as not set. */
export type Tokens = { [Name in Role]?: string };

export interface Holder {
  role: Role;
  /** The name before the token; absent for a plain token. */
  name?: string;
}

interface KnownToken extends Holder {
  token: string;
  /** Why it is not accepted. */
  fault?: string;
}

const ROLES: readonly Role[] = ["bot", "admin"];

const NAMED = new RegExp(`^([A-Za-z0-9_-]{1,${TOKEN_NAME_MAX_CHARACTERS}}):(.*)$`);

/** The holder of this token, or `null`. Compares digests in constant time, always with every known token. */
export function holderOf(tokens: Tokens, token: string): Holder | null {
  const sent = digest(token);
  const [found] = ROLES.flatMap((role) => knownTokens(role, tokens[role])).filter(
    (known) => timingSafeEqual(sent, digest(known.token)) && known.fault === undefined,
  );
  if (!found) return null;
  return { role: found.role, ...(found.name !== undefined && { name: found.name }) };
}

/** The role that has this token, or `null`. */
export function roleOf(tokens: Tokens, token: string): Role | null {
  return holderOf(tokens, token)?.role ?? null;
}

/** The tokens that are set but not accepted, and why: never the token itself. */
export function refusedTokens(tokens: Tokens): (Holder & { reason: string })[] {
  return ROLES.filter((role) => tokens[role]).flatMap((role) =>
    knownTokens(role, tokens[role]).flatMap(({ token: _token, fault, ...holder }) =>
      fault === undefined ? [] : { ...holder, reason: fault },
    ),
  );
}

/** An unset role has one empty token, which nobody has: it is compared like a set one. */
function knownTokens(role: Role, set = ""): KnownToken[] {
  return set
    .trim()
    .split(/\s+/)
    .map((entry, index) => {
      const [, name, token = entry] = NAMED.exec(entry) ?? [];
      const fault = faultOf(token, index);
      return { role, ...(name && { name }), token, ...(fault && { fault }) };
    });
}

function faultOf(token: string, index: number): string | undefined {
  if (token.length < TOKEN_MIN_CHARACTERS) return `shorter than ${TOKEN_MIN_CHARACTERS} characters`;
  if (index >= TOKENS_PER_ROLE_MAX) return `more than ${TOKENS_PER_ROLE_MAX} tokens`;
  return undefined;
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
