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

/** One message under two ids, which share their suffix. */
function copies(first: number, second: number): [Comment, Comment] {
  const nonce = "nonce-of-one-message";
  const id = (timestamp: number) => makeId(timestamp, "samesuffix");
  return [comment(first, { nonce, id: id(first) }), comment(second, { nonce, id: id(second) })];
}

/** Answers that the store must start over. */
const gap = (sequence: number) => read(sequence, [], { gap: true });

const idOf = (timestamp: number) => comment(timestamp).id;
const since = (sequence: number) => ({ since: `${STORE}.${sequence}` });
const shown = (store: WallStore) => store.snapshot().comments.map(({ timestamp }) => timestamp);

/** A store that has read a wall of these at sequence 10. */
function storeWith(...timestamps: number[]): WallStore {
  const store = new WallStore();
  store.accept(read(10, timestamps), {});
  return store;
}

describe("what to ask", () => {
  test("everything first, then what changed since", () => {
    const store = new WallStore();
    expect(store.query()).toEqual({});
    store.accept(read(10, [2, 1]), {});
    expect(store.query()).toEqual(since(10));
  });

  test("at once again while more waits, but never for the same answer", () => {
    const store = storeWith(1);
    expect(store.accept(read(12, [2, 3], { more: true }), since(10))).toBe(true);
    expect(store.query()).toEqual(since(12));
    expect(store.accept(read(12, [], { more: true }), since(12))).toBe(false);
    expect(store.accept(read(13, [4]), since(12))).toBe(false);
  });

  test("everything after a gap, while what is held stays shown", () => {
    const store = storeWith(2, 1);
    expect(store.accept(read(900, [], { gap: true }), since(10))).toBe(true);
    expect(store.query()).toEqual({});
    expect(shown(store)).toEqual([1, 2]);
    expect(store.accept(read(900, [9, 8]), {})).toBe(false);
    expect(shown(store)).toEqual([1, 2, 8, 9]);
    expect(store.query()).toEqual(since(900));
  });

  test("a gap that answers an older question starts nothing over", () => {
    const store = storeWith(1);
    store.accept(read(12, [2]), since(10));
    expect(store.accept(read(900, [], { gap: true }), since(10))).toBe(false);
    expect(store.query()).toEqual(since(12));
  });
});

describe("merging", () => {
  test("shows oldest first, and equal times by id, as the wall orders them reversed", () => {
    const [a, b] = [comment(5, { id: makeId(5, "a") }), comment(5, { id: makeId(5, "b") })];
    const store = new WallStore();
    store.accept({ ...read(10, [7, 3]), comments: [comment(7), a, b, comment(3)] }, {});
    expect(store.snapshot().comments.map(({ id }) => id)).toEqual([idOf(3), b.id, a.id, idOf(7)]);
  });

  test("takes changes of what it holds", () => {
    const store = storeWith(1);
    const changed = comment(1, { botParams: { processed: true } });
    store.accept({ ...read(11, []), comments: [changed] }, since(10));
    expect(store.snapshot().comments).toEqual([changed]);
  });

  test("an answer with a smaller cursor changes nothing", () => {
    const store = storeWith(2, 1);
    store.accept(read(12, [3]), since(10));
    store.accept(read(11, [2]), since(10));
    store.accept(read(9, [1]), {});
    expect(shown(store)).toEqual([1, 2, 3]);
    expect(store.query()).toEqual(since(12));
  });

  test("overlapping deltas add up whatever their order", () => {
    const store = storeWith(1);
    store.accept(read(11, [2]), since(10));
    store.accept(read(12, [2, 3]), since(10));
    expect(shown(store)).toEqual([1, 2, 3]);
    expect(store.query()).toEqual(since(12));
  });

  test("a delta that starts after our cursor would skip changes, and is not taken", () => {
    const store = storeWith(1);
    store.accept(read(20, [5]), since(15));
    expect(store.query()).toEqual(since(10));
    expect(shown(store)).toEqual([1]);
  });

  test("a full answer speaks for its span: what it lacks there was removed", () => {
    const store = storeWith(5, 4, 3, 1);
    store.accept(gap(900), since(10));
    store.accept(read(900, [6, 5, 3]), {});
    expect(shown(store)).toEqual([1, 3, 5, 6]);
  });

  test("an empty full answer proves nothing about what is held", () => {
    const store = storeWith(1);
    store.accept(gap(900), since(10));
    store.accept(read(900, []), {});
    expect(shown(store)).toEqual([1]);
  });

  test("after a gap, a full answer that is behind is not enough", () => {
    const store = storeWith(2, 1);
    store.accept(gap(900), since(10));
    store.accept(read(9, [1]), {});
    expect(shown(store)).toEqual([1, 2]);
    expect(store.query()).toEqual({});
  });

  test("a late full answer does not take the place of the deltas that tell of removals", () => {
    const store = storeWith(2, 1);
    store.accept(read(12, [3, 2]), {});
    expect(store.query()).toEqual(since(10));
  });

  test("another store's cursor replaces ours, and its answer adds", () => {
    const store = storeWith(3, 2);
    const ofOther = { cursor: `${OTHER_STORE}.1` };
    expect(store.accept(read(0, [], { ...ofOther, gap: true }), since(10))).toBe(true);
    store.accept(read(0, [4, 1], ofOther), {});
    expect(shown(store)).toEqual([1, 2, 3, 4]);
    expect(store.query()).toEqual({ since: `${OTHER_STORE}.1` });
  });

  test("holds a bounded history, the oldest going first", () => {
    const store = storeWith(1);
    const later = Array.from({ length: HISTORY_MAX_COMMENTS }, (_, index) => index + 2);
    store.accept(read(11, later), since(10));
    expect(shown(store)).toEqual(later);
  });
});

describe("removal", () => {
  test("takes the comment away", () => {
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

  test("counts from whichever answer", () => {
    const store = storeWith(2, 1);
    store.accept(read(12, []), since(10));
    store.accept(read(11, [], { removed: [idOf(1)] }), since(10));
    expect(shown(store)).toEqual([2]);
  });
});

describe("one's own", () => {
  test("is shown from its acknowledgement on, until and after it is seen", () => {
    const store = storeWith(2, 1);
    store.confirm(comment(3));
    store.accept(gap(900), since(10));
    store.accept(read(900, [5, 2, 1]), {});
    expect(shown(store)).toEqual([1, 2, 3, 5]);
    store.accept(read(901, [3]), since(900));
    expect(shown(store)).toEqual([1, 2, 3, 5]);
  });

  test("once seen, is like any other", () => {
    const store = storeWith(1);
    store.confirm(comment(3));
    store.accept(read(11, [3]), since(10));
    store.accept(gap(900), since(11));
    store.accept(read(900, [4, 1]), {});
    expect(shown(store)).toEqual([1, 4]);
  });

  test("once seen, is told of, since it may be kept from now on", () => {
    const store = storeWith(1);
    store.confirm(comment(3));
    const told = vi.fn(() => store.keep(10)?.comments.length);
    store.subscribe(told);
    store.accept(read(11, [3]), since(10));
    expect(told).toHaveReturnedWith(2);
  });

  test("removed before it was acknowledged, does not appear", () => {
    const store = storeWith(1);
    store.accept(read(11, [], { removed: [idOf(3)] }), since(10));
    store.confirm(comment(3));
    expect(shown(store)).toEqual([1]);
  });

  test("with two ids for one nonce, is shown once", () => {
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

  test("with two ids, is shown once by a wall whose store was made anew", () => {
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

  test("is not confused with a bot's of the same nonce", () => {
    const nonce = "nonce-of-two-messages";
    const store = storeWith(1);
    store.confirm(comment(3, { nonce }));
    const bots = comment(4, { nonce, type: "bot" });
    store.accept({ ...read(11, []), comments: [bots] }, since(10));
    expect(shown(store)).toEqual([1, 3, 4]);
  });
});

describe("a return visit", () => {
  /** A store that shows what an earlier visit kept at sequence 10. */
  function restored(...timestamps: number[]): WallStore {
    const kept = storeWith(...timestamps).keep(10);
    const store = new WallStore();
    if (kept) store.restore(kept);
    return store;
  }

  test("shows at once what was kept, and asks for what changed since", () => {
    const store = restored(2, 1);
    expect(shown(store)).toEqual([1, 2]);
    expect(store.query()).toEqual(since(10));
    store.accept(read(11, [3]), since(10));
    expect(shown(store)).toEqual([1, 2, 3]);
  });

  test("leaves what was kept to a wall that has answered", () => {
    const store = storeWith(3);
    store.restore({ cursor: `${STORE}.9`, comments: [comment(1)], holes: [] });
    expect(shown(store)).toEqual([3]);
  });

  test("too late to follow on from shows what was kept until the wall's own is there, and no longer", () => {
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

  test("too late to follow on from keeps what one has sent meanwhile", () => {
    const store = restored(1);
    store.accept(gap(900), since(10));
    store.confirm(comment(9));
    store.accept(read(900, [8]), {});
    expect(shown(store)).toEqual([8, 9]);
  });
});

describe("what the next visit may begin with", () => {
  test("leaves out one's own message until a read has it: the cursor that is kept does not cover it", () => {
    const store = storeWith(1);
    store.confirm(comment(2));
    expect(store.keep(10)?.comments.map(({ timestamp }) => timestamp)).toEqual([1]);
    store.accept(read(11, [2]), since(10));
    expect(store.keep(10)?.comments.map(({ timestamp }) => timestamp)).toEqual([1, 2]);
  });

  test("is the newest few, with a hole before them and the holes among them", () => {
    const store = storeWith(4, 3, 2, 1);
    expect(store.keep(2)).toMatchObject({
      comments: [{ timestamp: 3 }, { timestamp: 4 }],
      holes: [[idOf(3), idOf(3)]],
    });
  });
});

describe("history", () => {
  /** A store that holds 1 and 2, and after a gap 8 and 9: older ones are missing before 8. */
  function torn(): WallStore {
    const store = storeWith(2, 1);
    store.accept(gap(900), since(10));
    const newest = Array.from({ length: WINDOW_SIZE }, (_, index) => 1_000 + WINDOW_SIZE - index);
    store.accept(read(900, newest), {});
    return store;
  }
  const edge = idOf(1_001);

  test("a full answer that does not reach what is held leaves a hole before its oldest", () => {
    const store = torn();
    expect([...store.snapshot().holes]).toEqual([edge]);
    expect(store.historyBefore(edge)).toBe(edge);
  });

  test("a page that meets what is held closes the hole, whatever comes before it", () => {
    const store = torn();
    store.acceptHistory(read(900, [5, 2], { nextBefore: "on" }), edge);
    expect(shown(store).slice(0, 4)).toEqual([1, 2, 5, 1_001]);
    expect(store.snapshot().holes.size).toBe(0);
  });

  test("a page that does not meet it moves the hole to its own oldest, from where to go on", () => {
    const store = torn();
    store.acceptHistory(read(900, [7, 6], { nextBefore: "on" }), edge);
    expect([...store.snapshot().holes]).toEqual([idOf(6)]);
    expect(store.historyBefore(idOf(6))).toBe("on");
  });

  test("the last page leaves no hole", () => {
    const store = torn();
    store.acceptHistory(read(900, [], { nextBefore: null }), edge);
    expect(store.snapshot().holes.size).toBe(0);
  });

  test("a hole whose comment is removed stays before the next one", () => {
    const store = torn();
    store.accept(read(901, [], { removed: [edge] }), since(900));
    expect([...store.snapshot().holes]).toEqual([idOf(1_002)]);
    expect(store.historyBefore(idOf(1_002))).toBe(edge);
  });

  test("a page changes nothing that is held, which came later", () => {
    const store = storeWith(2);
    store.accept(read(11, [], { comments: [comment(2, { text: "newer" })] }), since(10));
    const page = read(10, [2], { nextBefore: null });
    store.acceptHistory(page, idOf(2));
    expect(store.get(idOf(2))?.text).toBe("newer");
  });
});

describe("the snapshot", () => {
  test("says when the wall has answered, an empty wall too", () => {
    const store = new WallStore();
    const listener = vi.fn();
    store.subscribe(listener);
    expect(store.snapshot().loaded).toBe(false);
    store.accept(read(0, []), {});
    expect(store.snapshot().loaded).toBe(true);
    expect(listener).toHaveBeenCalledTimes(1);
  });

  test("stays the same object while nothing changes", () => {
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

  test("keeps the identity of comments that did not change", () => {
    const store = storeWith(2, 1);
    const [first] = store.snapshot().comments;
    store.accept(read(11, [1, 3]), since(10));
    expect(store.snapshot().comments[0]).toBe(first);
  });

  test("tells nobody who has left", () => {
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
 * Invariants 4 and 10 under any mix of late, doubled, stale and cut answers and gaps: a model of
 * the server, asked through a network that reorders, from a seed.
 */
test.each(Array.from({ length: 60 }, (_, seed) => seed))("any answers, seed %i", (seed) => {
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
  // What went before the oldest of a full answer, while the log was lost, is nowhere told.
  expect(held.filter((id) => !oldest || id >= oldest)).toEqual(server.ids());
  expect(held.filter((id) => !server.ids().includes(id) && !server.removed.has(id))).toEqual([]);
});

class ModelServer {
  static readonly LOG_SIZE = 6;
  readonly removed = new Set<string>();
  readonly #comments = new Map<string, Comment>();
  readonly #log: string[] = [];

  /** Oldest first; the model never uses one timestamp twice. */
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
