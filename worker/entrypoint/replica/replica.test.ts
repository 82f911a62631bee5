/** An isolate's state between requests, and the posts that it must forget. */
import { expect, test } from "vitest";
import { bytesOf } from "#schema/bytes";
import type { Change } from "#schema/change";
import type { Comment } from "#schema/comment";
import { makeId } from "#schema/id";
import { NONCE_LIFETIME_MS } from "#schema/limits";
import { parseSpare, serialiseSpare } from "#schema/view/spare";
import { WallView } from "#schema/view/wall-view";
import { RECENT_POSTS_BYTES_MAX, Replica, SERIALISED_BYTES_MAX } from "./replica";

const STORE = "teststor";
const START = 1_790_000_000_000;
const LONGEST = "\u{1f600}".repeat(1_000);

/** The n-th message; another `ms` gives another copy of it. */
function comment(n: number, text = `message ${n}`, ms = 0): Comment {
  const timestamp = START + n + ms;
  const id = makeId(timestamp, String(n).padStart(10, "0"));
  const rest = { username: "anonymous", color: "#aabbcc", type: "human" as const, botParams: {} };
  return { id, timestamp, text, ...rest, nonce: nonceOf(n) };
}

const nonceOf = (n: number) => `nonce-of-${n}`;
const known = (replica: Replica, n: number) => replica.known(comment(n, "", 5).id, nonceOf(n));

/**
 * A replica with a full window of newer messages, and posts that this isolate accepted before them.
 */
function newReplica(posts: readonly Comment[]) {
  const replica = new Replica();
  const window = Array.from({ length: 500 }, (_, n) => comment(9_999 - n));
  const head = { store: STORE, floor: 0, rebuiltAt: START };
  replica.absorb({ ...head, sequence: 10, window }, START);
  for (const post of posts) replica.rememberPost(post);
  const tell = (sequence: number, ...changes: Change[]) =>
    replica.absorb({ ...head, sequence, changes }, START + sequence);
  return { replica, tell, head, window };
}

test("answers of maximum length are kept up to a size limit, and each is complete", () => {
  const replica = new Replica();
  const window = Array.from({ length: 500 }, (_, n) => comment(500 - n, LONGEST));
  replica.absorb({ store: STORE, sequence: 5, floor: 5, rebuiltAt: START, window }, START);
  const limits = Array.from({ length: 10 }, (_, n) => 491 + n);
  for (const limit of limits) {
    const { comments } = JSON.parse(new TextDecoder().decode(replica.read({ limit }).body()));
    expect(comments).toHaveLength(limit);
    expect(replica.serialisedBytes).toBeLessThanOrEqual(SERIALISED_BYTES_MAX);
  }
  // A repeated poll gets the same bytes, not another copy.
  expect(replica.read({ limit: 500 }).body()).toBe(replica.read({ limit: 500 }).body());
});

test("a retried post is recognized after it has left the window", () => {
  const { replica } = newReplica([comment(1)]);
  expect(known(replica, 1)).toEqual(comment(1));
  // A day later, the same nonce belongs to another message.
  const tomorrow = comment(1, "", NONCE_LIFETIME_MS + 1);
  expect(replica.known(tomorrow.id, nonceOf(1))).toBeUndefined();
});

test("a removed message is not returned for its nonce, whichever of its ids was removed", () => {
  const { replica, tell } = newReplica([comment(1), comment(2), comment(3)]);
  tell(11, { sequence: 11, removed: comment(1).id });
  tell(12, { sequence: 12, removed: comment(2, "", 30).id });
  expect(known(replica, 1)).toBeUndefined();
  expect(known(replica, 2)).toBeUndefined();
  expect(known(replica, 3)).toEqual(comment(3));
});

test("after a full window, which lists no removals, earlier posts are not returned", () => {
  const { replica, head, window } = newReplica([comment(1)]);
  replica.absorb({ ...head, sequence: 6_000, floor: 5_990, window }, START + 1);
  expect(known(replica, 1)).toBeUndefined();
});

test("while the rebuilder is unavailable, and after the spare is read, only posts on the wall are returned", () => {
  const { replica, tell } = newReplica([comment(1)]);
  tell(11, { sequence: 11, comment: comment(10_000) });
  replica.away(START + 100);
  expect(known(replica, 1)).toBeUndefined();
  expect(known(replica, 10_000)).toEqual(comment(10_000));
  const spare = parseSpare(serialiseSpare(new WallView(STORE, 20, [comment(9_999)]), START, false));
  replica.absorbSpare(spare);
  tell(21, { sequence: 21, comment: comment(10_001) });
  expect(known(replica, 1)).toBeUndefined();
});

test("the newest posts are remembered, up to a byte limit", () => {
  const posts = Array.from({ length: 1_000 }, (_, n) => comment(n, LONGEST));
  const { replica } = newReplica(posts);
  const kept = posts.filter((_, n) => known(replica, n) !== undefined);
  const bytes = kept.reduce((sum, post) => sum + bytesOf(post), 0);
  expect(bytes).toBeLessThanOrEqual(RECENT_POSTS_BYTES_MAX);
  expect(kept.length).toBeGreaterThan(100);
  expect(kept.at(-1)).toEqual(posts.at(-1));
});

test("an older answer that comes late does not end a pause", () => {
  const { replica, head } = newReplica([]);
  const unchanged = { ...head, sequence: 10, changes: [] };
  replica.absorb({ ...unchanged, paused: true }, START + 50);
  replica.absorb(unchanged, START + 20);
  expect(replica.isPaused).toBe(true);
  replica.absorb(unchanged, START + 60);
  expect(replica.isPaused).toBe(false);
});
