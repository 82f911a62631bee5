/**
 * A stand-in for Workers KV with semantics that production documents and the local runtime lacks
 * (developers.cloudflare.com/kv): each location reads through its own cache, which may be over a minute old, also
 * for keys that were missing; lists lag, and may come back short or empty with more to come; one key takes one
 * write a second; one invocation has 1,000 operations; writes fail, or fail though they took effect, or take effect
 * late.
 */
import type { KvBinding } from "#worker/ledger/kv";
import type { Random } from "../../scripts/command/random.mjs";
import type { Faults } from "../faults";
import type { Scheduler } from "./scheduler";

/** A cached read is served for a minute; some keys leave the cache sooner, some stay longer. */
const CACHE_TTL_MS = 60_000;
const CACHE_TAIL_MS = 90_000;
const CACHE_TAIL_CHANCE = 0.02;
const CACHE_COLD_CHANCE = 0.1;
const LIST_LAG_TYPICAL_MS = 2_000;
const LIST_LAG_TAIL_MS = 60_000;
/** Most new keys can be read anywhere at once, some only after a while. */
const READ_LAG_CHANCE = 0.03;
const READ_LAG_MAX_MS = 60_000;
const WRITE_SPACING_MS = 1_000;
const LATE_EFFECT_MAX_MS = 60_000;
const LATENCY_TYPICAL_MS = 20;
const LATENCY_TAIL_MS = 2_500;
const BULK_GET_MAX_KEYS = 100;
const KEY_MAX_BYTES = 512;
const VALUE_MAX_BYTES = 25 * 1_024 * 1_024;
const TTL_MIN_SECONDS = 60;
const OPERATIONS_MAX = 1_000;

interface Stored {
  value: string;
  expiresAt: number;
  /** When each location's lists begin to show the key. */
  listedAt: Map<string, number>;
  /** When each location's reads begin to find it, if that takes a while. */
  readableAt: Map<string, number>;
}

interface Cached {
  value: string | null;
  until: number;
}

/** Operations of one invocation of a Worker so far. */
export interface Invocation {
  operations: number;
  /** Its lists that came back short. */
  shortLists: number;
}

/** The part of the binding that the Worker uses, and `delete`, which clearing a wall needs. */
export type SimKvBinding = KvBinding & { delete(key: string): Promise<void> };

interface KvParts {
  scheduler: Scheduler;
  random: Random;
  faults: Faults;
  locations: readonly string[];
  /** Keys that one list returns at most. */
  listMaxKeys: number;
}

export class SimKv {
  readonly #parts: KvParts;
  readonly #stored = new Map<string, Stored>();
  readonly #caches = new Map<string, Map<string, Cached>>();
  readonly #lastWriteAt = new Map<string, number>();
  /** Every key ever stored, in ascending order of its bytes (keys are ASCII). */
  readonly #keys: string[] = [];
  /**
   * Keys whose newer value was replaced by an older put that took effect late, after two attempts to post one
   * message had written them, each its first value.
   */
  readonly undoneByTwin = new Set<string>();
  /** How often each key was written by a post. */
  readonly #births = new Map<string, number>();
  operations = 0;
  #refusedUntil = 0;

  constructor(parts: KvParts) {
    this.#parts = parts;
  }

  /** The binding as one invocation of a Worker at `location` sees it. */
  at(location: string, invocation: Invocation = { operations: 0, shortLists: 0 }): SimKvBinding {
    const get = async (asked: string | string[]) => {
      this.#count(invocation);
      await this.#latency();
      await this.#mayHang();
      this.#throwIf("kv read failed");
      if (typeof asked === "string") return this.#read(location, asked);
      if (asked.length > BULK_GET_MAX_KEYS) throw new Error("KV GET failed: 400 too many keys");
      return new Map(asked.map((key) => [key, this.#read(location, key)]));
    };
    const put = (key: string, value: string, options: { expirationTtl?: number } = {}) => {
      this.#count(invocation);
      return this.#put(location, key, value, options.expirationTtl);
    };
    const list: KvBinding["list"] = (options) => {
      this.#count(invocation);
      return this.#list(location, options, invocation);
    };
    const remove = async (key: string) => {
      this.#count(invocation);
      await this.#latency();
      this.#throwIf("kv put failed");
      this.#remove(location, key);
    };
    return { put, get: get as KvBinding["get"], list, delete: remove };
  }

  /** The true value: every location sees it in the end. */
  value(key: string): string | null {
    const stored = this.#stored.get(key);
    return stored && stored.expiresAt > this.#parts.scheduler.now ? stored.value : null;
  }

  /** All stored values. */
  values(): string[] {
    return [...this.#stored.values()].map(({ value }) => value);
  }

  /** Stores a value without a writer, as if long ago: every list shows it. */
  plant(key: string, value: string): void {
    const stored = this.#stored.get(key);
    if (stored) stored.value = value;
    else {
      this.#stored.set(key, {
        value,
        expiresAt: Number.POSITIVE_INFINITY,
        listedAt: new Map(),
        readableAt: new Map(),
      });
      this.#keys.splice(this.#position(key), 0, key);
    }
  }

  /** A random stored key, or `null` if there is none. */
  anyKey(random: Random): string | null {
    return this.#keys.length === 0 ? null : random.pick(this.#keys);
  }

  /** Rejects every put until `time`. */
  refusePutsUntil(time: number): void {
    this.#refusedUntil = time;
  }

  async #put(location: string, key: string, value: string, ttl?: number): Promise<void> {
    if (key.length > KEY_MAX_BYTES) throw new Error("KV PUT failed: 414 key too long");
    if (value.length > VALUE_MAX_BYTES) throw new Error("KV PUT failed: 413 value too large");
    if (ttl !== undefined && ttl < TTL_MIN_SECONDS) throw new Error("KV PUT failed: 400 TTL");
    await this.#latency();
    await this.#mayHang();
    const { scheduler, random, faults } = this.#parts;
    if (scheduler.now < this.#refusedUntil) throw new Error("KV PUT failed: 503");
    const last = this.#lastWriteAt.get(key);
    if (last !== undefined && scheduler.now - last < WRITE_SPACING_MS)
      throw new Error("KV PUT failed: 429 Too Many Requests");
    if (isBirth(value)) this.#births.set(key, 1 + (this.#births.get(key) ?? 0));
    this.#throwIf("kv put failed");
    if (faults.happens("kv put took effect late")) {
      const wait = random.integer(100, LATE_EFFECT_MAX_MS);
      scheduler.after(wait, () => {
        const isOlder = ![undefined, value].includes(this.#stored.get(key)?.value);
        const isTwin = isBirth(value) && (this.#births.get(key) ?? 0) > 1;
        if (isOlder && isTwin) this.undoneByTwin.add(key);
        this.#store(location, key, value, ttl);
      });
      throw new Error("KV PUT failed: 500 (it will take effect)");
    }
    this.#store(location, key, value, ttl);
    await this.#latency();
    this.#throwIf("kv put failed, yet took effect");
  }

  #store(location: string, key: string, value: string, ttl?: number): void {
    const { scheduler, random, locations } = this.#parts;
    const { now } = scheduler;
    this.#lastWriteAt.set(key, now);
    const expiresAt = ttl === undefined ? Number.POSITIVE_INFINITY : now + ttl * 1_000;
    const stored = this.#stored.get(key);
    if (stored) {
      stored.value = value;
      stored.expiresAt = expiresAt;
    } else {
      const listedAt = new Map<string, number>();
      const readableAt = new Map<string, number>();
      for (const each of locations) {
        const typical = each === location ? 50 : LIST_LAG_TYPICAL_MS;
        listedAt.set(each, now + random.delay(typical, LIST_LAG_TAIL_MS));
        if (each !== location && random.chance(READ_LAG_CHANCE))
          readableAt.set(each, now + random.integer(0, READ_LAG_MAX_MS));
      }
      this.#stored.set(key, { value, expiresAt, listedAt, readableAt });
      this.#keys.splice(this.#position(key), 0, key);
    }
    // The writer's own location usually sees its write at once; that is not guaranteed.
    if (random.chance(0.95)) this.#cacheOf(location).delete(key);
  }

  #remove(location: string, key: string): void {
    if (!this.#stored.delete(key)) return;
    this.#keys.splice(this.#position(key), 1);
    this.#cacheOf(location).delete(key);
  }

  #read(location: string, key: string): string | null {
    const { scheduler, random, faults } = this.#parts;
    const { now } = scheduler;
    const cache = this.#cacheOf(location);
    const cached = cache.get(key);
    const isReadable = (this.#stored.get(key)?.readableAt.get(location) ?? 0) <= now;
    const value = isReadable ? this.value(key) : null;
    if (!isReadable) faults.met("missing by a stale read");
    if (cached && cached.until > now) {
      if (cached.value !== value)
        faults.met(cached.value === null ? "missing by a stale read" : "stale read");
      return cached.value;
    }
    let ttl = CACHE_TTL_MS;
    if (random.chance(CACHE_TAIL_CHANCE)) ttl = CACHE_TAIL_MS;
    else if (random.chance(CACHE_COLD_CHANCE)) ttl = random.integer(0, CACHE_TTL_MS);
    cache.set(key, { value, until: now + ttl });
    return value;
  }

  async #list(location: string, options: Parameters<KvBinding["list"]>[0], invocation: Invocation) {
    await this.#latency();
    await this.#mayHang();
    this.#throwIf("kv list failed");
    const { scheduler, random, faults, listMaxKeys } = this.#parts;
    const { prefix, cursor } = options;
    let limit = Math.min(options.limit ?? listMaxKeys, listMaxKeys);
    if (faults.happens("kv list came back short")) {
      limit = random.integer(0, limit);
      invocation.shortLists += 1;
    }
    const { now } = scheduler;
    const names: string[] = [];
    let hidden = false;
    let index = cursor ? this.#position(cursor) : this.#position(prefix);
    let seen = 0;
    for (; index < this.#keys.length && seen < limit; index += 1) {
      const key = this.#keys[index] as string;
      if (!key.startsWith(prefix)) break;
      const stored = this.#stored.get(key) as Stored;
      if ((stored.listedAt.get(location) ?? 0) > now || stored.expiresAt <= now) {
        hidden = true;
        continue;
      }
      names.push(key);
      seen += 1;
    }
    if (hidden) faults.met("list without a stored key");
    const next = this.#keys[index];
    const keys = names.map((name) => ({ name }));
    return next?.startsWith(prefix)
      ? { keys, list_complete: false, cursor: next }
      : { keys, list_complete: true };
  }

  #position(key: string): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#keys[middle] as string) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #cacheOf(location: string): Map<string, Cached> {
    const cache = this.#caches.get(location) ?? new Map<string, Cached>();
    this.#caches.set(location, cache);
    return cache;
  }

  #latency(): Promise<void> {
    const { scheduler, random } = this.#parts;
    return scheduler.sleep(random.delay(LATENCY_TYPICAL_MS, LATENCY_TAIL_MS));
  }

  /** Sometimes the answer never comes. */
  async #mayHang(): Promise<void> {
    if (this.#parts.faults.happens("kv call hangs")) await new Promise<never>(() => {});
  }

  #count(invocation: Invocation): void {
    this.operations += 1;
    invocation.operations += 1;
    if (invocation.operations > OPERATIONS_MAX)
      throw new Error("Too many API requests by single worker invocation");
  }

  #throwIf(
    fault: "kv put failed" | "kv put failed, yet took effect" | "kv read failed" | "kv list failed",
  ) {
    if (this.#parts.faults.happens(fault)) throw new Error(`simulated: ${fault}`);
  }
}

/** Whether this value was written by a post: the single writer has not given it a sequence yet. */
function isBirth(value: string): boolean {
  return value.includes('"sequence":0');
}
