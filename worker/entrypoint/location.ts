/** Finds a wall's object, and says in which region a new one is made. */
import { callsTo, type WriterCalls } from "../contract/writer-calls";
import type { Env } from "../env";

/**
 * The regions in which the platform can be asked to make an object
 * (developers.cloudflare.com/durable-objects/reference/data-location).
 */
const LOCATION_HINTS = [
  "wnam",
  "enam",
  "sam",
  "weur",
  "eeur",
  "apac",
  "apac-ne",
  "apac-se",
  "oc",
  "afr",
  "me",
] as const;

export type LocationHint = (typeof LOCATION_HINTS)[number];

/**
 * @throws when `LOCATION_HINT` names no region: an object made in the wrong place stays there for good, so that a
 * wall which does not start is the lesser harm.
 */
export function parseLocationHint(value = ""): LocationHint | undefined {
  if (value === "") return undefined;
  const hint = LOCATION_HINTS.find((known) => known === value);
  if (hint) return hint;
  const known = LOCATION_HINTS.join(", ");
  throw new Error(`LOCATION_HINT must be one of ${known}, but it is "${value}".`);
}

/** A stub of a wall's object. The hint counts when the object is made, by whichever call comes first. */
export function rebuilderOf(env: Pick<Env, "REBUILDER" | "LOCATION_HINT">, wall: string) {
  const hint = parseLocationHint(env.LOCATION_HINT);
  if (!hint) return env.REBUILDER.getByName(wall);
  // The published types lag behind the platform's regions.
  return env.REBUILDER.getByName(wall, { locationHint: hint as DurableObjectLocationHint });
}

/** The calls of a wall's single writer, for one request. Each call gets a new stub: a failed one keeps failing. */
export function writerOf(
  env: Pick<Env, "REBUILDER" | "LOCATION_HINT">,
  wall: string,
  request?: string,
): WriterCalls {
  return callsTo(rebuilderOf(env, wall), { wall, request });
}
