/** Who a bearer token makes its sender. Never open by default: a token that is not set fits nobody. */
import { TOKEN_MIN_CHARACTERS } from "#schema/limits";

export type Role = "bot" | "admin";

/** The tokens that the deployment knows; absent or too short counts as not set. */
export interface Tokens {
  bot?: string;
  admin?: string;
}

/** The role of `token`, or `null`. Digests are compared whole, so that time tells nothing of them. */
export async function roleOf(tokens: Tokens, token: string): Promise<Role | null> {
  const sent = await digest(token);
  let role: Role | null = null;
  for (const name of ["bot", "admin"] as const) {
    const known = tokens[name] ?? "";
    const fits = equal(sent, await digest(known)) && known.length >= TOKEN_MIN_CHARACTERS;
    if (fits) role = name;
  }
  return role;
}

async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  let difference = 0;
  for (let index = 0; index < a.length; index += 1) difference |= (a[index] ?? 0) ^ (b[index] ?? 0);
  return difference === 0;
}
