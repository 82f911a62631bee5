/** The messages that the writer acknowledged, and how old each was when a reader got it. */

/** Older ones count as this old. */
const AGE_MAX_MS = 120_000;

export class Messages {
  /** By index. */
  readonly acknowledgedAt: (number | undefined)[] = [];
  /** When the writer acknowledged the removal, by the message's index. */
  readonly removedAt = new Map<number, number>();
  readonly #indices = new Map<string, number>();
  readonly #ages = new Uint32Array(AGE_MAX_MS + 1);
  #aged = 0;
  /** From the acknowledged removal of a message until the last frame that still had it, over all readers, in ms. */
  shownRemovedMs = 0;

  /** A frame may have a message before its acknowledgement is here. */
  indexOf(id: string): number {
    const known = this.#indices.get(id);
    if (known !== undefined) return known;
    const index = this.#indices.size;
    this.#indices.set(id, index);
    this.acknowledgedAt[index] = undefined;
    return index;
  }

  get size(): number {
    return this.#indices.size;
  }

  /** A reader got the message at `at`. */
  gotAt(index: number, at: number): void {
    const age = Math.round(at - (this.acknowledgedAt[index] ?? at));
    const slot = Math.min(AGE_MAX_MS, Math.max(0, age));
    this.#ages[slot] = (this.#ages[slot] ?? 0) + 1;
    this.#aged += 1;
    const removedAt = this.removedAt.get(index);
    if (removedAt !== undefined && at - removedAt > this.shownRemovedMs)
      this.shownRemovedMs = at - removedAt;
  }

  /** The age that this share of all received messages did not exceed, in ms. */
  age(share: number): number {
    let left = Math.max(1, Math.ceil(share * this.#aged));
    for (const [age, count] of this.#ages.entries()) {
      left -= count;
      if (left <= 0) return age;
    }
    return Number.NaN;
  }
}

/** One bit for each message. */
export class Marks {
  readonly #bytes: Uint8Array;

  constructor(size: number) {
    this.#bytes = new Uint8Array(Math.ceil(size / 8));
  }

  has(index: number): boolean {
    return ((this.#bytes[index >> 3] ?? 0) & (1 << (index & 7))) !== 0;
  }

  /** Returns whether it was marked before. */
  mark(index: number): boolean {
    const place = index >> 3;
    const byte = this.#bytes[place];
    if (byte === undefined) throw new RangeError(`${index} is beyond the marks`);
    const bit = 1 << (index & 7);
    this.#bytes[place] = byte | bit;
    return (byte & bit) !== 0;
  }
}
