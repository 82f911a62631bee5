/** Clears a preview's wall after its branch was deleted. No other wall can be cleared. */
import { type Outcome, refusal, success } from "#schema/problem";
import type { Caller, Cleared } from "#schema/rpc";
import { systemClock } from "../platform/clock";
import { inTime } from "../platform/deadline";
import type { Log } from "../platform/log";
import { unauthorized, unavailable } from "./refusals";
import { roleOf, type Tokens } from "./tokens";

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
