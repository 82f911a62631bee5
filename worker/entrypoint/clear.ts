/** Empties the wall of a preview, whose branch is gone. No other wall can be emptied. */
import { wallPrefix } from "#schema/id";
import { type Outcome, refusal, success } from "#schema/problem";
import type { Caller, Cleared } from "#schema/rpc";
import { KV_TIMEOUT_MS } from "../ledger/kv";
import { systemClock } from "../platform/clock";
import { inTime } from "../platform/deadline";
import type { Log } from "../platform/log";
import { unauthorized, unavailable } from "./refusals";
import { roleOf, type Tokens } from "./tokens";

/** Keys that one call deletes: within one invocation's 1,000 operations. */
const KEYS_A_CALL = 500;

/** How long deleting them may take: the platform runs six at once. */
const DELETES_TIMEOUT_MS = 20_000;

/** How long the object may take for that and for emptying itself. */
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

/** For an admin, of a preview. */
export async function clearWall(clearing: Clearing): Promise<Outcome<Cleared>> {
  const { wall, caller, tokens, clearable, log, clear } = clearing;
  const role = caller.token === undefined ? null : roleOf(tokens, caller.token);
  if (!role) return unauthorized();
  if (role !== "admin") return refusal("forbidden", "This token may not clear a wall.");
  if (!clearable || wall === "main")
    return refusal("forbidden", "Only the wall of a preview can be cleared.");
  try {
    const cleared = await inTime(systemClock, CLEAR_TIMEOUT_MS, "the rebuilder", clear());
    log("wall cleared", { ...cleared });
    return success(cleared);
  } catch (error) {
    log("wall not cleared", { error });
    return unavailable("The wall can't be cleared right now.");
  }
}

/** Deletes what KV holds of a wall, up to a number of keys. */
export async function clearKeys(kv: KVNamespace, wall: string): Promise<Cleared> {
  const prefix = wallPrefix(wall);
  // The main wall's prefix is empty, and would match every wall's keys.
  if (prefix === "") throw new Error("the main wall is never cleared");
  const listing = kv.list({ prefix, limit: KEYS_A_CALL });
  const page = await inTime(systemClock, KV_TIMEOUT_MS, "KV list", listing);
  const deletes = Promise.all(page.keys.map(({ name }) => kv.delete(name)));
  await inTime(systemClock, DELETES_TIMEOUT_MS, "KV delete", deletes);
  return { more: !page.list_complete };
}
