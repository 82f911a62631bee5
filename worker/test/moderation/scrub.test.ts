/** After a removal, a wall's own file is rewritten without losing data. */
import { expect, test } from "vitest";
import { scrub } from "#worker/writer/moderation/scrub";
import { expectValue, newWall } from "../wall";

test("a wall is unchanged after a scrub, also after a restart", async () => {
  const wall = newWall();
  const comments = [];
  for (let n = 0; n < 5; n += 1)
    comments.push(expectValue(await wall.tryPost({ text: `${n}`, nonce: `nonce-number-${n}` })));
  const [marked, gone, claimed] = comments.map(({ comment }) => comment.id) as [
    string,
    string,
    string,
  ];
  await wall.newest();
  await wall.patch(marked, true);
  await wall.remove(gone, "a reason");
  await wall.claim(claimed, "a-bot");
  await wall.pause(true, "for a while");
  const everything = async () => ({
    newest: await wall.newest(),
    pending: await wall.pending(),
    moderation: await wall.moderation(),
    gone: await wall.find(gone),
  });
  const before = await everything();
  expect(await wall.inObject((_object, { storage }) => scrub(storage))).toBe(true);
  expect(await everything()).toEqual(before);
  await wall.evict();
  expect(await everything()).toEqual(before);
  await wall.pause(false);
  const later = expectValue(await wall.tryPost({ text: "later" })).comment;
  await expect.poll(async () => (await wall.newest())[0]?.id).toBe(later.id);
});

test("repeated scrubs don't grow the database", async () => {
  const wall = newWall();
  await wall.post({ text: "one" });
  const sizes = await wall.inObject(async (_object, { storage }) => {
    const sizes: number[] = [];
    for (let count = 0; count < 4; count += 1) {
      await scrub(storage);
      sizes.push(storage.sql.databaseSize);
    }
    return sizes;
  });
  expect(Math.max(...sizes)).toBe(sizes[0]);
});
