/** Deletes a cleared wall's keys from KV. */
import { wallPrefix } from "#schema/id";
import type { Cleared } from "#schema/rpc";
import { systemClock } from "../platform/clock";
import { inTime } from "../platform/deadline";
import { KV_TIMEOUT_MS } from "./kv";

/** Keys deleted in one call, below the platform's limit of 1,000 operations an invocation. */
const KEYS_A_CALL = 500;

/** The deadline for these deletes, of which the platform runs six at once. */
const DELETES_TIMEOUT_MS = 20_000;

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
