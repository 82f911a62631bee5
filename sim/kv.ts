/**
 * A stand-in for Workers KV with the semantics that production documents and the local runtime
 * does not have (developers.cloudflare.com/kv): each location reads through a cache of its own that
 * may be a minute old and more, also for keys that were missing; lists lag; one key takes one write
 * a second; writes fail, or fail though they took effect, or take effect late.
 */
import type { KvBinding } from "#worker/ledger/kv";
import type { Random } from "./random";
import type { Scheduler } from "./scheduler";

/** Chances of each fault, for one operation; 0 for a world without it. */
export interface KvFaults {
  putFails: number;
  /** The caller sees an error, the value is stored. */
  putFailsButTakesEffect: number;
  /** The caller sees an error, the value is stored up to a minute later. */
  putTakesEffectLate: number;
  readFails: number;
  listFails: number;
}

const CACHE_TTL_MS = 60_000;
/** "Or more": some reads are served from an even older cache. */
const CACHE_TAIL_MS = 90_000;
const CACHE_TAIL_CHANCE = 0.02;
const LIST_LAG_TYPICAL_MS = 2_000;
const LIST_LAG_TAIL_MS = 60_000;
const WRITE_SPACING_MS = 1_000;
const LATE_EFFECT_MAX_MS = 60_000;
const LATENCY_TYPICAL_MS = 20;
const LATENCY_TAIL_MS = 2_500;
const LIST_MAX_KEYS = 1_000;
const BULK_GET_MAX_KEYS = 100;

interface Stored {
  value: string;
  /** When each location's lists begin to show the key. */
  listedAt: Map<string, number>;
}

interface Cached {
  value: string | null;
  until: number;
}

export class SimKv {
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #faults: KvFaults;
  readonly #stored = new Map<string, Stored>();
  readonly #caches = new Map<string, Map<string, Cached>>();
  readonly #lastWriteAt = new Map<string, number>();
  /** Every key ever stored, in ascending order of its bytes. */
  readonly #keys: string[] = [];
  readonly #locations: readonly string[];
  readonly injected = new Map<string, number>();

  constructor(
    scheduler: Scheduler,
    random: Random,
    faults: KvFaults,
    locations: readonly string[],
  ) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#faults = faults;
    this.#locations = locations;
  }

  /** The binding as a Worker at `location` sees it. */
  at(location: string): KvBinding {
    const get = async (asked: string | string[]) => {
      await this.#latency();
      this.#fail("kv read failed", this.#faults.readFails);
      if (typeof asked === "string") return this.#read(location, asked);
      if (asked.length > BULK_GET_MAX_KEYS) throw new Error("KV GET failed: 400 too many keys");
      return new Map(asked.map((key) => [key, this.#read(location, key)]));
    };
    return {
      put: (key, value) => this.#put(location, key, value),
      get: get as KvBinding["get"],
      list: (options) => this.#list(location, options),
    };
  }

  /** The truth: what every location will see in the end. */
  value(key: string): string | null {
    return this.#stored.get(key)?.value ?? null;
  }

  async #put(location: string, key: string, value: string): Promise<void> {
    await this.#latency();
    const { now } = this.#scheduler;
    const last = this.#lastWriteAt.get(key);
    if (last !== undefined && now - last < WRITE_SPACING_MS)
      throw new Error("KV PUT failed: 429 Too Many Requests");
    this.#fail("kv put failed", this.#faults.putFails);
    if (this.#random.chance(this.#faults.putTakesEffectLate)) {
      this.#count("kv put late");
      const wait = this.#random.integer(100, LATE_EFFECT_MAX_MS);
      this.#scheduler.after(wait, () => this.#store(location, key, value));
      throw new Error("KV PUT failed: 500 (it will take effect)");
    }
    this.#store(location, key, value);
    await this.#latency();
    this.#fail("kv put failed after its effect", this.#faults.putFailsButTakesEffect);
  }

  #store(location: string, key: string, value: string): void {
    const { now } = this.#scheduler;
    this.#lastWriteAt.set(key, now);
    let stored = this.#stored.get(key);
    if (!stored) {
      stored = { value, listedAt: new Map() };
      this.#stored.set(key, stored);
      this.#keys.splice(this.#position(key), 0, key);
      for (const each of this.#locations) {
        const typical = each === location ? 50 : LIST_LAG_TYPICAL_MS;
        stored.listedAt.set(each, now + this.#random.delay(typical, LIST_LAG_TAIL_MS));
      }
    }
    stored.value = value;
    // The writer's own location usually sees its write at once; that is not guaranteed.
    if (this.#random.chance(0.95)) this.#cacheOf(location).delete(key);
  }

  #read(location: string, key: string): string | null {
    const { now } = this.#scheduler;
    const cache = this.#cacheOf(location);
    const cached = cache.get(key);
    if (cached && cached.until > now) return cached.value;
    const value = this.value(key);
    const ttl = this.#random.chance(CACHE_TAIL_CHANCE) ? CACHE_TAIL_MS : CACHE_TTL_MS;
    cache.set(key, { value, until: now + ttl });
    return value;
  }

  async #list(location: string, options: Parameters<KvBinding["list"]>[0]) {
    await this.#latency();
    this.#fail("kv list failed", this.#faults.listFails);
    const { prefix, cursor } = options;
    const limit = Math.min(options.limit ?? LIST_MAX_KEYS, LIST_MAX_KEYS);
    const { now } = this.#scheduler;
    const names: string[] = [];
    let index = cursor ? this.#position(cursor) + 1 : this.#position(prefix);
    for (; index < this.#keys.length && names.length < limit; index += 1) {
      const key = this.#keys[index] as string;
      if (!key.startsWith(prefix)) break;
      if ((this.#stored.get(key)?.listedAt.get(location) ?? 0) <= now) names.push(key);
    }
    const more = (this.#keys[index] ?? "").startsWith(prefix) && names.length === limit;
    const keys = names.map((name) => ({ name }));
    return more
      ? { keys, list_complete: false, cursor: names.at(-1) as string }
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
    return this.#scheduler.sleep(this.#random.delay(LATENCY_TYPICAL_MS, LATENCY_TAIL_MS));
  }

  #fail(kind: string, chance: number): void {
    if (!this.#random.chance(chance)) return;
    this.#count(kind);
    throw new Error(`simulated: ${kind}`);
  }

  #count(kind: string): void {
    this.injected.set(kind, (this.injected.get(kind) ?? 0) + 1);
  }
}
