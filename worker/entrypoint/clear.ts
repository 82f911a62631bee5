/** Clears a preview's wall after its branch was deleted. No other wall can be cleared. */
import { wallPrefix } from "#schema/id";
import { type Outcome, refusal, success } from "#schema/problem";
import type { Caller, Cleared } from "#schema/rpc";
import { KV_TIMEOUT_MS } from "../ledger/kv";
import { systemClock } from "../platform/clock";
import { inTime } from "../platform/deadline";
import type { Log } from "../platform/log";
import { unauthorized, unavailable } from "./refusals";
import { roleOf, type Tokens } from "./tokens";

/** Keys deleted in one call, below the platform's limit of 1,000 operations an invocation. */
const KEYS_A_CALL = 500;

/** The deadline for these deletes, of which the platform runs six at once. */
const DELETES_TIMEOUT_MS = 20_000;

/** The deadline for the whole call: the deletes, then the object's own storage. */
const CLEAR_TIMEOUT_MS = 30_000;

export interface Clearing {
  wall: string;
  caller: Caller;
  tokens: Tokens;
  /** Whether this deployment's walls are previews. */
  clearable: boolean;
  log: Log;
  clear: () => Promise<Cleared>;
}

/** Clears a wall for an admin. Refuses other roles, the main wall, and deployments that are no previews. */
export async function clearWall(clearing: Clearing): Promise<Outcome<Cleared>> {
  const { wall, caller, tokens, clearable, log, clear } = clearing;
  const role = caller.token === undefined ? null : roleOf(tokens, caller.token);
  if (!role) return unauthorized();
  if (role !== "admin") return refusal("forbidden", "This token may not clear a wall.");
  if (!clearable || wall === "main")
    return refusal("forbidden", "Only a preview's wall can be cleared.");
  try {
    const cleared = await inTime(systemClock, CLEAR_TIMEOUT_MS, "the rebuilder", clear());
    log("wall cleared", { ...cleared });
    return success(cleared);
  } catch (error) {
    log("wall not cleared", { error });
    return unavailable("The wall can't be cleared right now.");
  }
}

/** Deletes up to `KEYS_A_CALL` of a wall's keys from KV. */
export async function clearKeys(kv: KVNamespace, wall: string): Promise<Cleared> {
  const prefix = wallPrefix(wall);
  // The main wall's prefix is empty, which would match every wall's keys.
  if (prefix === "") throw new Error("the main wall can't be cleared");
  const listing = kv.list({ prefix, limit: KEYS_A_CALL });
  const page = await inTime(systemClock, KV_TIMEOUT_MS, "KV list", listing);
  const deletes = Promise.all(page.keys.map(({ name }) => kv.delete(name)));
  await inTime(systemClock, DELETES_TIMEOUT_MS, "KV delete", deletes);
  return { more: !page.list_complete };
}
