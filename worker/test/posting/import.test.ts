/** Importing comments from another wall. */

import { expect, test, vi } from "vitest";
import type { Comment } from "#schema/comment";
import { CLOCK_SKEW_MS } from "#schema/limits";
import { toComment } from "#worker/record";

import { newIsolate } from "../isolate";
import { ADMIN, commentAt, expectValue, newWall, type Wall } from "../wall";

const HOUR_MS = 3_600_000;

function importInto(wall: Wall) {
  const { service } = newIsolate(wall);
  return (comments: unknown[]) => service.admin.importComments(ADMIN, { comments });
}

test("imported comments keep ids and flags, appear in order, and are added only once", async () => {
  const wall = newWall();
  const { service } = newIsolate(wall);
  const start = Date.now() - HOUR_MS;
  const comments = Array.from({ length: 100 }, (_, n) => {
    return toComment(commentAt(start + n, n, { processed: n % 3 === 0 }));
  });
  const own = await wall.post({ text: "own" });
  const bring = async () => expectValue(await service.admin.importComments(ADMIN, { comments }));
  expect(await bring()).toEqual({ added: 100, known: 0 });
  await wall.patch(comments[1]?.id ?? "");
  await wall.remove(comments[2]?.id ?? "");
  await vi.waitFor(async () => {
    await wall.rebuildTimes(1);
    expect(await wall.stored(comments[2]?.id ?? "")).toMatchObject({ removed: true });
  }, 10_000);
  expect(await bring()).toEqual({ added: 0, known: 100 });
  await wall.evict();
  const shown = (await wall.newest()).map(({ id, botParams }) => [id, botParams.processed]);
  const wanted = comments
    .map(({ id }, n) => [id, n === 1 || n % 3 === 0])
    .filter(([id]) => id !== comments[2]?.id);
  expect(shown).toEqual([[own.id, false], ...wanted.reverse()]);
});

test("an import with two comments of one id keeps the first", async () => {
  const wall = newWall();
  const comment = toComment(commentAt(Date.now() - HOUR_MS, 1));
  const copies = [comment, { ...comment, text: "another" }];
  expect(expectValue(await importInto(wall)(copies))).toEqual({ added: 1, known: 1 });
  expect(await wall.stored(comment.id)).toMatchObject({ text: comment.text });
});

test("an import with a comment that breaks the rules of a post is rejected as a whole, with the comment's index", async () => {
  const wall = newWall();
  const [good, vast] = [1, 2].map((n) => toComment(commentAt(Date.now() - HOUR_MS, n)));
  const refused = await importInto(wall)([good, { ...vast, text: "x".repeat(200_000) }]);
  expect(refused).toMatchObject({
    problem: { status: 400, errors: [{ pointer: "/comments/1/text" }] },
  });
  expect(await wall.newest()).toEqual([]);
});

test("comments with future timestamps are rejected, each with its index", async () => {
  const wall = newWall();
  const now = Date.now();
  const [past, soon, ahead, far] = [-HOUR_MS, 1_000, 2 * CLOCK_SKEW_MS, 1e12].map((ms, n) =>
    toComment(commentAt(now + ms, n)),
  ) as [Comment, Comment, Comment, Comment];
  const bring = importInto(wall);
  expect(await bring([past, ahead, soon, far])).toMatchObject({
    problem: {
      errors: [{ pointer: "/comments/1/timestamp" }, { pointer: "/comments/3/timestamp" }],
    },
  });
  expect(expectValue(await bring([past, soon]))).toEqual({ added: 2, known: 0 });
});
