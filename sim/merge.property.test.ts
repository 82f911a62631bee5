/** Checks the single writer's merge, the view that readers copy, and the page's store, with messages in any order. */

import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { WallStore } from "#client/wall/wall-store";
import type { StoredComment } from "#schema/comment";
import { formatCursor } from "#schema/cursor";
import { compareIds, makeId } from "#schema/id";
import { WINDOW_SIZE } from "#schema/limits";
import type { Read } from "#schema/read";
import type { WallView } from "#schema/view/wall-view";
import { type Proposal, toComment } from "#worker/record";
import { WriterState } from "#worker/writer/state/state";

/** Five messages fill the window. */
vi.mock("#schema/limits", async (original) => ({
  ...(await original<typeof import("#schema/limits")>()),
  WINDOW_SIZE: 5,
}));

const RUNS = { seed: 20_261_124, numRuns: 200 };
const HEAD = { wall: "main", store: "propstor", birth: 1_000 };
const START = 1_767_225_600_000;

/** Messages with 13 different nonces, so that copies are common. Copies have the same suffix in their ids. */
const arrivals = fc.array(
  fc.record({ nonce: fc.integer({ min: 0, max: 12 }), at: fc.integer({ min: 0, max: 40 }) }),
  { minLength: 1, maxLength: 40 },
);

function stored({ nonce, at }: { nonce: number; at: number }): StoredComment {
  return {
    id: makeId(START + at, `nonce${String(nonce).padStart(5, "0")}`),
    timestamp: START + at,
    text: `message ${nonce}`,
    username: "anonymous",
    color: "#aabbcc",
    type: "human",
    nonce: `nonce-${nonce}`,
    botParams: { processed: false },
    sequence: 0,
  };
}

function commit(state: WriterState, proposals: readonly Proposal[]): void {
  for (const change of state.sequenced(proposals)) state.apply(change, START);
}

/** Commits the comments in batches of `batch`, as they arrive by notices and rebuilds. */
function take(state: WriterState, comments: readonly StoredComment[], batch: number): void {
  for (let start = 0; start < comments.length; start += batch) {
    commit(state, state.propose(comments.slice(start, start + batch)));
    commit(state, state.proposeReentries());
  }
}

test("each message appears once, under its smallest id, in any order of copies", () => {
  fc.assert(
    fc.property(arrivals, fc.integer({ min: 1, max: 10 }), (drafts, batch) => {
      const comments = drafts.map(stored);
      const state = new WriterState(HEAD);
      take(state, comments, batch);
      const smallest = new Map<string, string>();
      for (const { id, nonce = "" } of comments) {
        const known = smallest.get(nonce);
        if (known === undefined || id < known) smallest.set(nonce, id);
      }
      const held = state.held.comments.map(({ id }) => id);
      expect(held).toEqual([...smallest.values()].sort(compareIds));
      for (const { id, nonce = "" } of comments)
        expect(state.canonical(id)).toBe(smallest.get(nonce));
    }),
    RUNS,
  );
});

test("a writer restarted from the checkpoint has the state of the writer before it", () => {
  fc.assert(
    fc.property(arrivals, fc.nat({ max: 12 }), (drafts, marked) => {
      const state = new WriterState(HEAD);
      take(state, drafts.map(stored), 3);
      const comment = state.held.comments[marked];
      if (comment)
        commit(state, [
          { record: { ...comment, botParams: { processed: true } }, unwritten: true },
        ]);
      const journal = {
        read: () => [[], [...state.checkpoint()]],
        archives: () => [],
        archivedId: () => null,
      };
      const { state: again } = WriterState.restore(HEAD, journal, START);
      expect(again.view.window).toEqual(state.view.window);
      expect(again.view.sequence).toBe(state.view.sequence);
      expect([...again.unwritten.keys()].sort()).toEqual([...state.unwritten.keys()].sort());
      for (const { id } of drafts.map(stored))
        expect(again.canonical(id)).toBe(state.canonical(id));
    }),
    RUNS,
  );
});

function readOf(view: WallView, since: string | undefined, limit: number): Read {
  const sequence = since === undefined ? null : Number(since.split(".")[1]);
  const core =
    sequence === null
      ? view.newest(WINDOW_SIZE)
      : view.changesSince({ ...view.cursor, sequence }, limit);
  return { ...core, rebuiltAt: START };
}

test("a page that polls in steps of any size holds the same as a full read; late answers change nothing", () => {
  const steps = fc.array(
    fc.record({ take: fc.integer({ min: 0, max: 5 }), limit: fc.integer({ min: 1, max: 7 }) }),
    { minLength: 1, maxLength: 20 },
  );
  fc.assert(
    fc.property(arrivals, steps, fc.infiniteStream(fc.nat()), (drafts, plan, choices) => {
      const waiting = drafts.map(stored);
      const state = new WriterState(HEAD);
      const store = new WallStore();
      const answers: [Read, { since?: string }][] = [];
      const poll = (limit: number) => {
        for (let again = true; again; ) {
          const query = store.query();
          const read = readOf(state.view, query.since, limit);
          answers.push([read, query]);
          again = store.accept(read, query);
        }
      };
      let reached = 0;
      for (const { take: count, limit } of plan) {
        take(state, waiting.splice(0, count), 2);
        poll(limit);
        // An earlier answer arrives once more.
        const [choice = 0] = [choices.next().value];
        const [read, query] = answers[choice % answers.length] as (typeof answers)[number];
        store.accept(read, query);
        const sequence = Number(store.cursor?.split(".")[1]);
        expect(sequence).toBeGreaterThanOrEqual(reached);
        reached = sequence;
      }
      take(state, waiting, 5);
      poll(500);
      expect(store.cursor).toBe(formatCursor(state.view.cursor));
      expect(store.snapshot().comments.slice(-WINDOW_SIZE).reverse()).toEqual(state.view.window);
      expect(state.view.window).toEqual(state.held.comments.slice(0, WINDOW_SIZE).map(toComment));
    }),
    RUNS,
  );
});
