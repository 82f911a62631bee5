/**
 * The suffixes that an archive may hold, in about 3 bytes each: a hash table of 16-bit fingerprints. It never
 * misses a suffix that is there, and reports fewer than one in 10,000 that are not.
 */

/** Slots per suffix: more of them shorten a search, and take more memory. */
const SLOTS_PER_SUFFIX = 1.5;

export class SuffixFilter {
  /** 0 marks a free slot. */
  readonly #slots: Uint16Array;
  readonly #shift: number;

  /** @param hashes of the suffixes, at most 40,000, so that a slot and a fingerprint share no bit */
  constructor(hashes: readonly number[]) {
    const bits = Math.max(1, Math.ceil(Math.log2(hashes.length * SLOTS_PER_SUFFIX)));
    this.#slots = new Uint16Array(2 ** bits);
    this.#shift = 32 - bits;
    for (const hash of hashes) this.#slots[this.#find(hash)] = fingerprintOf(hash);
  }

  mayHold(hash: number): boolean {
    return this.#slots[this.#find(hash)] !== 0;
  }

  /** The slot that holds this fingerprint, or the free one where it belongs. */
  #find(hash: number): number {
    const wanted = fingerprintOf(hash);
    let slot = hash >>> this.#shift;
    while (this.#slots[slot] !== 0 && this.#slots[slot] !== wanted)
      slot = (slot + 1) % this.#slots.length;
    return slot;
  }
}

/** A hash of 32 bits. `salt` is secret, so that no client can choose nonces whose suffixes collide. */
export function hashOf(suffix: string, salt: number): number {
  const value = Number.parseInt(suffix, 36);
  let hash = Math.imul(value ^ salt, 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 15) ^ Math.floor(value / 2 ** 32), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function fingerprintOf(hash: number): number {
  return hash & 0xffff || 1;
}
