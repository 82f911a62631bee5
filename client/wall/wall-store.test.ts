import { describe, expect, test, vi } from "vitest";
import type { Comment } from "#schema/comment";
import { makeId } from "#schema/id";
import { NONCE_LIFETIME_MS, WINDOW_SIZE } from "#schema/limits";
import type { Read } from "#schema/read";
import { HISTORY_MAX_COMMENTS, WallStore } from "./wall-store";

const STORE = "aaaaaaaa";
const OTHER_STORE = "bbbbbbbb";

function comment(timestamp: number, more: Partial<Comment> = {}): Comment {
  const suffix = String(timestamp).padStart(10, "0");
  return {
    id: makeId(timestamp, suffix),
    timestamp,
    text: `words of ${timestamp}`,
    username: "ada",
    color: "#55c2f5",
    type: "human",
    botParams: { processed: false },
    ...more,
  };
}

function read(sequence: number, timestamps: readonly number[], more: Partial<Read> = {}): Read {
  return {
    comments: timestamps.map((timestamp) => comment(timestamp)),
    removed: [],
    cursor: `${STORE}.${sequence}`,
    rebuiltAt: 1_000 + sequence,
    gap: false,
    ...more,
  };
}

/** One message stored under two ids with the same suffix. */
function copies(first: number, second: number): [Comment, Comment] {
  const nonce = "nonce-of-one-message";
  const id = (timestamp: number) => makeId(timestamp, "samesuffix");
  return [comment(first, { nonce, id: id(first) }), comment(second, { nonce, id: id(second) })];
}

/** An answer that makes the store start over. */
const gap = (sequence: number) => read(sequence, [], { gap: true });

const idOf = (timestamp: number) => comment(timestamp).id;
const since = (sequence: number) => ({ since: `${STORE}.${sequence}` });
const shown = (store: WallStore) => store.snapshot().comments.map(({ timestamp }) => timestamp);

/** A store after a full read of these comments at sequence 10. */
function storeWith(...timestamps: number[]): WallStore {
  const store = new WallStore();
  store.accept(read(10, timestamps), {});
  return store;
}

describe("the next read", () => {
  test("is a full one at first, then the changes since", () => {
    const store = new WallStore();
    expect(store.query()).toEqual({});
    store.accept(read(10, [2, 1]), {});
    expect(store.query()).toEqual(since(10));
  });

  test("follows at once while more waits, but never repeats for the same answer", () => {
    const store = storeWith(1);
    expect(store.accept(read(12, [2, 3], { more: true }), since(10))).toBe(true);
    expect(store.query()).toEqual(since(12));
    expect(store.accept(read(12, [], { more: true }), since(12))).toBe(false);
    expect(store.accept(read(13, [4]), since(12))).toBe(false);
  });

  test("is a full one after a gap, while loaded comments stay shown", () => {
    const store = storeWith(2, 1);
    expect(store.accept(read(900, [], { gap: true }), since(10))).toBe(true);
    expect(store.query()).toEqual({});
    expect(shown(store)).toEqual([1, 2]);
    expect(store.accept(read(900, [9, 8]), {})).toBe(false);
    expect(shown(store)).toEqual([1, 2, 8, 9]);
    expect(store.query()).toEqual(since(900));
  });

  test("stays a delta when the gap answers an older request", () => {
    const store = storeWith(1);
    store.accept(read(12, [2]), since(10));
    expect(store.accept(read(900, [], { gap: true }), since(10))).toBe(false);
    expect(store.query()).toEqual(since(12));
  });
});

describe("merging", () => {
  test("shows comments oldest first, with equal times in reverse id order", () => {
    const [a, b] = [comment(5, { id: makeId(5, "a") }), comment(5, { id: makeId(5, "b") })];
    const store = new WallStore();
    store.accept({ ...read(10, [7, 3]), comments: [comment(7), a, b, comment(3)] }, {});
    expect(store.snapshot().comments.map(({ id }) => id)).toEqual([idOf(3), b.id, a.id, idOf(7)]);
  });

  test("applies changes to loaded comments", () => {
    const store = storeWith(1);
    const changed = comment(1, { botParams: { processed: true } });
    store.accept({ ...read(11, []), comments: [changed] }, since(10));
    expect(store.snapshot().comments).toEqual([changed]);
  });

  test("ignores an answer with a smaller cursor", () => {
    const store = storeWith(2, 1);
    store.accept(read(12, [3]), since(10));
    store.accept(read(11, [2]), since(10));
    store.accept(read(9, [1]), {});
    expect(shown(store)).toEqual([1, 2, 3]);
    expect(store.query()).toEqual(since(12));
  });

  test("combines overlapping deltas in any order", () => {
    const store = storeWith(1);
    store.accept(read(11, [2]), since(10));
    store.accept(read(12, [2, 3]), since(10));
    expect(shown(store)).toEqual([1, 2, 3]);
    expect(store.query()).toEqual(since(12));
  });

  test("rejects a delta that starts after our cursor, because it would skip changes", () => {
    const store = storeWith(1);
    store.accept(read(20, [5]), since(15));
    expect(store.query()).toEqual(since(10));
    expect(shown(store)).toEqual([1]);
  });

  test("treats a comment missing within a full answer's span as removed", () => {
    const store = storeWith(5, 4, 3, 1);
    store.accept(gap(900), since(10));
    store.accept(read(900, [6, 5, 3]), {});
    expect(shown(store)).toEqual([1, 3, 5, 6]);
  });

  test("removes nothing after an empty full answer", () => {
    const store = storeWith(1);
    store.accept(gap(900), since(10));
    store.accept(read(900, []), {});
    expect(shown(store)).toEqual([1]);
  });

  test("after a gap, ignores a full answer that is behind", () => {
    const store = storeWith(2, 1);
    store.accept(gap(900), since(10));
    store.accept(read(9, [1]), {});
    expect(shown(store)).toEqual([1, 2]);
    expect(store.query()).toEqual({});
  });

  test("a late full answer doesn't replace deltas that report removals", () => {
    const store = storeWith(2, 1);
    store.accept(read(12, [3, 2]), {});
    expect(store.query()).toEqual(since(10));
  });

  test("after a store change, takes the new cursor and only adds comments", () => {
    const store = storeWith(3, 2);
    const ofOther = { cursor: `${OTHER_STORE}.1` };
    expect(store.accept(read(0, [], { ...ofOther, gap: true }), since(10))).toBe(true);
    store.accept(read(0, [4, 1], ofOther), {});
    expect(shown(store)).toEqual([1, 2, 3, 4]);
    expect(store.query()).toEqual({ since: `${OTHER_STORE}.1` });
  });

  test("limits the loaded comments and evicts the oldest", () => {
    const store = storeWith(1);
    const later = Array.from({ length: HISTORY_MAX_COMMENTS }, (_, index) => index + 2);
    store.accept(read(11, later), since(10));
    expect(shown(store)).toEqual(later);
    // The dropped comment can be asked for again.
    expect(store.historyBefore(idOf(2))).toBe(idOf(2));
  });
});

describe("a removal", () => {
  test("hides the comment", () => {
    const store = storeWith(2, 1);
    store.accept(read(11, [], { removed: [idOf(1)] }), since(10));
    expect(shown(store)).toEqual([2]);
  });

  test("is not undone by a stale full answer, the spare, or another store", () => {
    const store = storeWith(2, 1);
    store.accept(read(11, [], { removed: [idOf(1)] }), since(10));
    store.accept(gap(900), since(11));
    store.accept(read(10, [2, 1], { spare: true }), {});
    store.accept(read(0, [2, 1], { cursor: `${OTHER_STORE}.1` }), {});
    expect(store.query()).toEqual({ since: `${OTHER_STORE}.1` });
    expect(shown(store)).toEqual([2]);
  });

  test("applies from any answer", () => {
    const store = storeWith(2, 1);
    store.accept(read(12, []), since(10));
    store.accept(read(11, [], { removed: [idOf(1)] }), since(10));
    expect(shown(store)).toEqual([2]);
  });
});

describe("an undone removal", () => {
  test("brings the comment back with a later change, and with a later full answer", () => {
    for (const isFull of [false, true]) {
      const store = storeWith(2, 1);
      store.accept(read(11, [], { removed: [idOf(1)] }), since(10));
      if (isFull) store.accept(gap(900), since(11));
      store.accept(read(900, isFull ? [2, 1] : [1]), isFull ? {} : since(11));
      expect(shown(store)).toEqual([1, 2]);
    }
  });

  test("is not repeated by an earlier answer that comes late", () => {
    const store = storeWith(2, 1);
    store.accept(read(11, [], { removed: [idOf(1)] }), since(10));
    store.accept(read(12, [1]), since(11));
    store.accept(read(11, [], { removed: [idOf(1)] }), since(10));
    expect(shown(store)).toEqual([1, 2]);
    store.accept(read(13, [], { removed: [idOf(1)] }), since(12));
    expect(shown(store)).toEqual([2]);
  });

  test("leaves a message gone that was taken down from here", () => {
    const store = storeWith(2, 1);
    store.takenDown(idOf(1));
    store.accept(read(11, [1]), since(10));
    expect(shown(store)).toEqual([2]);
  });
});

describe("one's own comment", () => {
  test("is shown once acknowledged, before and after a read contains it", () => {
    const store = storeWith(2, 1);
    store.confirm(comment(3));
    store.accept(gap(900), since(10));
    store.accept(read(900, [5, 2, 1]), {});
    expect(shown(store)).toEqual([1, 2, 3, 5]);
    store.accept(read(901, [3]), since(900));
    expect(shown(store)).toEqual([1, 2, 3, 5]);
  });

  test("is treated like any other after a read contained it", () => {
    const store = storeWith(1);
    store.confirm(comment(3));
    store.accept(read(11, [3]), since(10));
    store.accept(gap(900), since(11));
    store.accept(read(900, [4, 1]), {});
    expect(shown(store)).toEqual([1, 4]);
  });

  test("notifies listeners when a read contains it, since it can then be stored", () => {
    const store = storeWith(1);
    store.confirm(comment(3));
    const told = vi.fn(() => store.keep(10)?.comments.length);
    store.subscribe(told);
    store.accept(read(11, [3]), since(10));
    expect(told).toHaveReturnedWith(2);
  });

  test("doesn't appear if it was removed before the acknowledgement", () => {
    const store = storeWith(1);
    store.accept(read(11, [], { removed: [idOf(3)] }), since(10));
    store.confirm(comment(3));
    expect(shown(store)).toEqual([1]);
  });

  test("is shown once if one nonce got two ids", () => {
    const [seen, retried] = copies(3, 4);

    const seenFirst = storeWith(1);
    seenFirst.accept({ ...read(11, []), comments: [seen] }, since(10));
    seenFirst.confirm(retried);
    expect(shown(seenFirst)).toEqual([1, 3]);

    const confirmedFirst = storeWith(1);
    confirmedFirst.confirm(retried);
    confirmedFirst.accept({ ...read(11, []), comments: [seen] }, since(10));
    expect(shown(confirmedFirst)).toEqual([1, 3]);
  });

  test("is shown once under two ids after the wall's store was replaced", () => {
    const [seen, retried] = copies(3, 4);
    const store = storeWith(1);
    store.accept({ ...read(11, []), comments: [retried] }, since(10));
    store.accept(gap(12), since(11));
    store.accept({ ...read(5, []), comments: [seen], cursor: `${OTHER_STORE}.5` }, {});
    expect(shown(store)).toEqual([1, 3]);
  });

  test("stays beside that of the next day under the same nonce, also when it changes after that one came", () => {
    const [today, tomorrow] = [3, 3 + 2 * NONCE_LIFETIME_MS];
    const [first, second] = copies(today, tomorrow);
    const retried = copies(today, tomorrow + 1)[1];
    const store = storeWith(1);
    store.accept({ ...read(11, []), comments: [first] }, since(10));
    store.accept({ ...read(12, []), comments: [retried] }, since(11));
    store.accept({ ...read(13, []), comments: [{ ...first, username: "renamed" }] }, since(12));
    store.accept({ ...read(14, []), comments: [second] }, since(13));
    expect(shown(store)).toEqual([1, today, tomorrow]);
  });

  test("gives way to its first copy, also when the next day's message has come under the same nonce", () => {
    const [today, tomorrow] = [3, 4 + 2 * NONCE_LIFETIME_MS];
    const [first, copy] = copies(today, today + 1);
    const store = storeWith(1);
    store.accept({ ...read(11, []), comments: [copy] }, since(10));
    store.accept({ ...read(12, []), comments: [copies(today, tomorrow)[1]] }, since(11));
    store.accept({ ...read(13, []), comments: [first] }, since(12));
    expect(shown(store)).toEqual([1, today, tomorrow]);
  });

  test("is not confused with a bot's comment with the same nonce", () => {
    const nonce = "nonce-of-two-messages";
    const store = storeWith(1);
    store.confirm(comment(3, { nonce }));
    const bots = comment(4, { nonce, type: "bot" });
    store.accept({ ...read(11, []), comments: [bots] }, since(10));
    expect(shown(store)).toEqual([1, 3, 4]);
  });
});

describe("a return visit", () => {
  /** A store with comments stored by an earlier visit at sequence 10. */
  function restored(...timestamps: number[]): WallStore {
    const kept = storeWith(...timestamps).keep(10);
    const store = new WallStore();
    if (kept) store.restore(kept);
    return store;
  }

  test("shows the stored comments at once and asks for the changes since", () => {
    const store = restored(2, 1);
    expect(shown(store)).toEqual([1, 2]);
    expect(store.query()).toEqual(since(10));
    store.accept(read(11, [3]), since(10));
    expect(shown(store)).toEqual([1, 2, 3]);
  });

  test("ignores the stored comments if the wall has already answered", () => {
    const store = storeWith(3);
    store.restore({ cursor: `${STORE}.9`, comments: [comment(1)], holes: [] });
    expect(shown(store)).toEqual([3]);
  });

  test("after a gap, shows the stored comments only until the wall's own arrive", () => {
    const store = restored(2, 1);
    const seen: number[][] = [];
    store.subscribe(() => seen.push(shown(store)));
    expect(store.accept(gap(900), since(10))).toBe(true);
    expect(store.query()).toEqual({});
    expect(store.keep(10)).toBeNull();
    expect(shown(store)).toEqual([1, 2]);
    store.accept(read(900, [9, 8]), {});
    expect(seen).toEqual([[8, 9]]);
    expect(store.query()).toEqual(since(900));
  });

  test("after a gap, keeps comments sent in the meantime", () => {
    const store = restored(1);
    store.accept(gap(900), since(10));
    store.confirm(comment(9));
    store.accept(read(900, [8]), {});
    expect(shown(store)).toEqual([8, 9]);
  });
});

describe("the stored visit", () => {
  test("leaves out one's own comment until a read contains it, because the stored cursor doesn't cover it", () => {
    const store = storeWith(1);
    store.confirm(comment(2));
    expect(store.keep(10)?.comments.map(({ timestamp }) => timestamp)).toEqual([1]);
    store.accept(read(11, [2]), since(10));
    expect(store.keep(10)?.comments.map(({ timestamp }) => timestamp)).toEqual([1, 2]);
  });

  test("is the newest few comments, with a hole above them and the holes among them", () => {
    const store = storeWith(4, 3, 2, 1);
    expect(store.keep(2)).toMatchObject({
      comments: [{ timestamp: 3 }, { timestamp: 4 }],
      holes: [[idOf(3), idOf(3)]],
    });
  });
});

describe("history", () => {
  /** A store that holds 1 and 2 and, after a gap, 8 and 9: older comments are missing before 8. */
  function torn(): WallStore {
    const store = storeWith(2, 1);
    store.accept(gap(900), since(10));
    const newest = Array.from({ length: WINDOW_SIZE }, (_, index) => 1_000 + WINDOW_SIZE - index);
    store.accept(read(900, newest), {});
    return store;
  }
  const edge = idOf(1_001);

  test("a full answer that doesn't reach loaded comments leaves a hole above its oldest", () => {
    const store = torn();
    expect([...store.snapshot().holes]).toEqual([edge]);
    expect(store.historyBefore(edge)).toBe(edge);
  });

  test("a page that reaches loaded comments closes the hole, whatever its nextBefore", () => {
    const store = torn();
    store.acceptHistory(read(900, [5, 2], { nextBefore: "on" }), edge);
    expect(shown(store).slice(0, 4)).toEqual([1, 2, 5, 1_001]);
    expect(store.snapshot().holes.size).toBe(0);
  });

  test("a page that doesn't reach them moves the hole above its own oldest", () => {
    const store = torn();
    store.acceptHistory(read(900, [7, 6], { nextBefore: "on" }), edge);
    expect([...store.snapshot().holes]).toEqual([idOf(6)]);
    expect(store.historyBefore(idOf(6))).toBe("on");
  });

  test("the last page closes the hole", () => {
    const store = torn();
    store.acceptHistory(read(900, [], { nextBefore: null }), edge);
    expect(store.snapshot().holes.size).toBe(0);
  });

  test("a page from beyond a short loaded stretch keeps the hole above its own oldest", () => {
    const store = torn();
    store.acceptHistory(read(900, [500], { nextBefore: "below" }));
    store.acceptHistory(read(900, [501, 500, 499], { nextBefore: "on" }), edge);
    expect([...store.snapshot().holes]).toEqual([idOf(499)]);
    expect(store.historyBefore(idOf(499))).toBe("on");
  });

  test("a page around a message leaves a hole below it and one above it", () => {
    const store = torn();
    store.acceptHistory(read(900, [501, 500], { nextBefore: "on" }));
    expect(shown(store).slice(0, 5)).toEqual([1, 2, 500, 501, 1_001]);
    expect([...store.snapshot().holes].sort()).toEqual([idOf(500), edge].sort());
  });

  test("a hole whose comment is removed moves to the next comment", () => {
    const store = torn();
    store.accept(read(901, [], { removed: [edge] }), since(900));
    expect([...store.snapshot().holes]).toEqual([idOf(1_002)]);
    expect(store.historyBefore(idOf(1_002))).toBe(edge);
  });

  test("a page that reaches beyond loaded comments leaves the hole above its own oldest", () => {
    const store = torn();
    store.acceptHistory(read(900, [7, 6], { nextBefore: "before 6" }));
    store.acceptHistory(read(900, [8, 7, 6, 5], { nextBefore: "before 5" }), edge);
    expect([...store.snapshot().holes]).toEqual([idOf(5)]);
    expect(store.historyBefore(idOf(5))).toBe("before 5");
  });

  test("a page read for its time stands apart, with a hole on either side", () => {
    const store = torn();
    store.acceptHistory(read(900, [7, 6], { nextBefore: "before 6" }));
    expect(shown(store).slice(0, 5)).toEqual([1, 2, 6, 7, 1_001]);
    expect([...store.snapshot().holes].sort()).toEqual([idOf(6), edge]);
    store.acceptHistory(read(900, [8, 7], { nextBefore: "before 7" }), edge);
    expect([...store.snapshot().holes]).toEqual([idOf(6)]);
    store.acceptHistory(read(900, [5, 2], { nextBefore: "before 2" }), idOf(6));
    expect(store.snapshot().holes.size).toBe(0);
  });

  test("a page read for its time that ends with the wall's first message has no hole above it", () => {
    const store = storeWith(9);
    store.acceptHistory(read(10, [2, 1], { nextBefore: null }));
    expect(shown(store)).toEqual([1, 2, 9]);
    expect(store.snapshot().holes.size).toBe(0);
  });

  test("a page doesn't change loaded comments, which are newer", () => {
    const store = storeWith(2);
    store.accept(read(11, [], { comments: [comment(2, { text: "newer" })] }), since(10));
    const page = read(10, [2], { nextBefore: null });
    store.acceptHistory(page, idOf(2));
    expect(store.get(idOf(2))?.text).toBe("newer");
  });
});

describe("the snapshot", () => {
  test("shows when the wall has answered, even an empty wall", () => {
    const store = new WallStore();
    const listener = vi.fn();
    store.subscribe(listener);
    expect(store.snapshot().loaded).toBe(false);
    store.accept(read(0, []), {});
    expect(store.snapshot().loaded).toBe(true);
    expect(listener).toHaveBeenCalledTimes(1);
  });

  test("is the same object while nothing changes", () => {
    const store = storeWith(2, 1);
    const before = store.snapshot();
    const listener = vi.fn();
    store.subscribe(listener);
    store.accept(read(11, [1]), since(10));
    store.accept(gap(900), since(11));
    store.accept(read(900, [2, 1]), {});
    store.unchanged(5_000);
    expect(store.snapshot()).toBe(before);
    expect(listener).not.toHaveBeenCalled();
  });

  test("keeps the object identity of unchanged comments", () => {
    const store = storeWith(2, 1);
    const [first] = store.snapshot().comments;
    store.accept(read(11, [1, 3]), since(10));
    expect(store.snapshot().comments[0]).toBe(first);
  });

  test("doesn't notify a listener that unsubscribed", () => {
    const store = new WallStore();
    const listener = vi.fn();
    store.subscribe(listener)();
    store.accept(read(1, [1]), {});
    expect(listener).not.toHaveBeenCalled();
  });
});

test("the time of the newest rebuild never goes back", () => {
  const store = storeWith(1);
  store.unchanged(5_000);
  store.accept(read(11, []), since(10));
  expect(store.rebuiltAt).toBe(5_000);
});

/**
 * Invariants 4 and 10 with any mix of late, repeated, stale and cut answers and gaps: a seeded
 * model of the server behind a network that reorders.
 */
test.each(Array.from({ length: 60 }, (_, seed) => seed))(
  "the store matches the server after any mix of answers, seed %i",
  (seed) => {
    const random = generator(seed);
    const server = new ModelServer();
    const store = new WallStore();
    const late: (() => void)[] = [];
    const ask = () => {
      const asked = store.query();
      const answer = server.answer(asked.since, 1 + Math.floor(random() * 8));
      return () => store.accept(answer, asked);
    };
    const seen = new Set<string>();
    const unseen: string[] = [];
    for (let step = 0; step < 300; step += 1) {
      const roll = random();
      if (roll < 0.35) server.add(step * 10 + Math.floor(random() * 40));
      else if (roll < 0.4) server.removeAny(random());
      else if (roll < 0.75) late.push(ask());
      else {
        const [deliver] = late.splice(Math.floor(random() * late.length), 1);
        if (deliver && random() < 0.2) late.push(deliver);
        deliver?.();
      }
      const held = new Set(store.snapshot().comments.map(({ id }) => id));
      for (const id of held) seen.add(id);
      for (const id of seen) if (!held.has(id) && !server.removed.has(id)) unseen.push(id);
    }
    expect(unseen).toEqual([]);

    while (ask()());
    const held = store.snapshot().comments.map(({ id }) => id);
    const [oldest] = server.ids();
    // Below the oldest comment of a full answer, nothing reports removals made while the log was
    // lost.
    expect(held.filter((id) => !oldest || id >= oldest)).toEqual(server.ids());
    expect(held.filter((id) => !server.ids().includes(id) && !server.removed.has(id))).toEqual([]);
  },
);

class ModelServer {
  static readonly LOG_SIZE = 6;
  readonly removed = new Set<string>();
  readonly #comments = new Map<string, Comment>();
  readonly #log: string[] = [];

  /** Oldest first; the model never repeats a timestamp. */
  ids(): string[] {
    return [...this.#comments.keys()].sort();
  }

  add(timestamp: number) {
    const { id } = comment(timestamp);
    if (this.removed.has(id) || this.#comments.has(id)) return;
    this.#comments.set(id, comment(timestamp));
    this.#log.push(id);
  }

  removeAny(share: number) {
    const id = this.ids()[Math.floor(share * this.#comments.size)];
    if (!id) return;
    this.#comments.delete(id);
    this.removed.add(id);
    this.#log.push(id);
  }

  answer(cursor: string | undefined, limit: number): Read {
    const sequence = this.#log.length;
    const all = [...this.#comments.values()];
    if (cursor === undefined) return { ...read(sequence, []), comments: all };
    const start = Number(cursor.split(".")[1]);
    if (start < sequence - ModelServer.LOG_SIZE) return gap(sequence);
    const ids = this.#log.slice(start, start + limit);
    return {
      ...read(start + ids.length, []),
      comments: all.filter(({ id }) => ids.includes(id)),
      removed: ids.filter((id) => this.removed.has(id)),
      more: start + ids.length < sequence,
    };
  }
}

/** mulberry32 */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
