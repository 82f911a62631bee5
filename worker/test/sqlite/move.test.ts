import { expect, test } from "vitest";
import { newWall } from "../wall";

test("a move of a wall that began on SQLite is done at once, and the next start shows the same wall", async () => {
  const wall = newWall();
  const first = await wall.post({ text: "first", nonce: "nonce-of-first" });
  expect(await wall.writer().move()).toMatchObject({ phase: "done", seen: 0 });
  const second = await wall.post({ text: "second" });
  await wall.evict();
  const shown = async () => (await wall.newest()).map(({ id }) => id);
  expect(await shown()).toEqual([second.id, first.id]);
  expect((await wall.post({ text: "first", nonce: "nonce-of-first" })).id).toBe(first.id);
  expect(await wall.moderation()).toMatchObject({ paused: false });
});
