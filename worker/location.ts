/** Finds a wall's object, and chooses the region in which a new one is created. */
import { callsTo, type WriterCalls } from "./contract/writer-calls";
import type { Env } from "./env";

/**
 * The regions in which the platform can create an object
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
 * @throws when `LOCATION_HINT` names no region. An object stays for good in the region in which it was created: a wall
 * that does not start does less harm than one that starts in the wrong region.
 */
export function parseLocationHint(value = ""): LocationHint | undefined {
  if (value === "") return undefined;
  const hint = LOCATION_HINTS.find((known) => known === value);
  if (hint) return hint;
  const regions = LOCATION_HINTS.join(", ");
  throw new Error(`LOCATION_HINT must be one of ${regions}, but it is "${value}".`);
}

/** A stub of a wall's object. The platform uses the hint only in the first call, which creates the object. */
export function rebuilderOf(env: Pick<Env, "REBUILDER" | "LOCATION_HINT">, wall: string) {
  const hint = parseLocationHint(env.LOCATION_HINT);
  if (!hint) return env.REBUILDER.getByName(wall);
  // The published types do not list all of the platform's regions yet.
  return env.REBUILDER.getByName(wall, { locationHint: hint as DurableObjectLocationHint });
}

/** The calls to a wall's single writer, on behalf of the request with the id `request`. */
export function writerOf(
  env: Pick<Env, "REBUILDER" | "LOCATION_HINT">,
  wall: string,
  request?: string,
): WriterCalls {
  return callsTo(rebuilderOf(env, wall), { wall, request });
}
