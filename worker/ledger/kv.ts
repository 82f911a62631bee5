/**
 * The ledger on Workers KV: one key for each comment.
 *
 * It relies on these facts (developers.cloudflare.com/kv): keys are listed in ascending UTF-8 order, at most 1,000 a
 * call; a bulk get reads at most 100 keys and is one operation, billed by the key; one key accepts one write a second;
 * reads may be a minute old or more.
 */
import * as v from "valibot";
import { type StoredComment, type StoredRecord, StoredRecordSchema } from "#schema/comment";
import { commentPrefix, idOfKey, keyOf, wallPrefix } from "#schema/id";
import { chunks } from "../platform/chunks";
import { type Clock, systemClock } from "../platform/clock";
import { inTime } from "../platform/deadline";
import type { Operations } from "../platform/operations";
import {
  type Ledger,
  type LedgerEntry,
  type LedgerPage,
  PlaceRefused,
  type Purpose,
  type Spare,
} from "./ledger";
import { isRecordTooLong } from "./record-size";

/** The keys that one bulk get reads at most. */
export const BULK_GET_MAX_KEYS = 100;
const SPARE_KEY = "recent:comments";

/**
 * The deadline of one operation. KV usually answers in tens of milliseconds, sometimes in a second or two. A rebuild
 * that gives up after this time and runs again 3 s later still keeps the cache below the 10 s at which it is late.
 */
export const KV_TIMEOUT_MS = 5_000;

/** The binding's errors give the status in the message only, as in `KV GET failed: 400 Bad Request`. */
const BAD_REQUEST = / failed: 400\b/;

/** The part of the KV binding that this project uses, and that tests and the simulation implement. */
export interface KvBinding {
  put(key: string, value: string): Promise<void>;
  get(key: string): Promise<string | null>;
  get(keys: string[]): Promise<Map<string, string | null>>;
  list(options: { prefix: string; limit?: number; cursor?: string | null }): Promise<{
    keys: { name: string }[];
    list_complete: boolean;
    cursor?: string;
  }>;
}

/** Makes each operation of the binding fail after `KV_TIMEOUT_MS`. Such a put may still take effect later. */
export function withDeadlines(kv: KvBinding, clock: Pick<Clock, "sleep">): KvBinding {
  const within = <T>(what: string, work: Promise<T>) => inTime(clock, KV_TIMEOUT_MS, what, work);
  return {
    put: (...put) => within("KV put", kv.put(...put)),
    get: ((keys: string[]) => within("KV get", kv.get(keys))) as KvBinding["get"],
    list: (options) => within("KV list", kv.list(options)),
  };
}

export class KvLedger implements Ledger, Spare {
  readonly #kv: KvBinding;
  readonly #wall: string;
  readonly #operations: Operations;

  constructor(
    kv: KvBinding,
    wall: string,
    operations: Operations,
    clock: Pick<Clock, "sleep"> = systemClock,
  ) {
    this.#kv = withDeadlines(kv, clock);
    this.#wall = wall;
    this.#operations = operations;
  }

  append(comment: StoredComment): Promise<void> {
    return this.write(comment);
  }

  write(record: StoredRecord): Promise<void> {
    return this.#put(keyOf(this.#wall, record.id), JSON.stringify(record));
  }

  async newest(next?: string, purpose: Purpose = "rebuild"): Promise<LedgerPage> {
    this.#operations.count(purpose === "rebuild" ? "kv_list" : `kv_list_${purpose}`);
    const page = await this.#list(next ?? null);
    const ids = page.keys
      .map(({ name }) => idOfKey(this.#wall, name))
      .filter((id): id is string => id !== null);
    const foreign = page.keys.length - ids.length;
    return { ids, foreign, next: page.list_complete ? null : (page.cursor ?? null) };
  }

  async read(
    ids: readonly string[],
    purpose: Exclude<Purpose, "sweep"> = "rebuild",
  ): Promise<Map<string, LedgerEntry>> {
    const suffix = purpose === "rebuild" ? "" : (`_${purpose}` as const);
    const entries = new Map<string, LedgerEntry>();
    for (const batch of chunks(ids, BULK_GET_MAX_KEYS)) {
      this.#operations.count(`kv_read_call${suffix}`);
      this.#operations.count(`kv_key_read${suffix}`, batch.length);
      const values = await this.#kv.get(batch.map((id) => keyOf(this.#wall, id)));
      for (const id of batch) entries.set(id, parse(id, values.get(keyOf(this.#wall, id)) ?? null));
    }
    return entries;
  }

  publish(document: string): Promise<void> {
    return this.#put(wallPrefix(this.#wall) + SPARE_KEY, document);
  }

  readSpare(): Promise<string | null> {
    this.#operations.count("kv_key_read");
    return this.#kv.get(wallPrefix(this.#wall) + SPARE_KEY);
  }

  async #list(cursor: string | null) {
    try {
      return await this.#kv.list({ prefix: commentPrefix(this.#wall), cursor });
    } catch (error) {
      if (cursor !== null && BAD_REQUEST.test(String(error))) throw new PlaceRefused(String(error));
      throw error;
    }
  }

  #put(key: string, value: string): Promise<void> {
    this.#operations.count("kv_write");
    return this.#kv.put(key, value);
  }
}

/** Parses a key's value. Anything but this comment's record is corrupt. */
function parse(id: string, value: string | null): LedgerEntry {
  if (value === null) return null;
  // Written by an older release's import or another program: a few of these would not fit into a journal row.
  if (isRecordTooLong(value)) return "corrupt";
  try {
    const result = v.safeParse(StoredRecordSchema, JSON.parse(value));
    return result.success && result.output.id === id ? result.output : "corrupt";
  } catch {
    return "corrupt";
  }
}
