/**
 * The post limit of a host with many IPv6 networks. In a separate file, because each post makes the
 * next slower here.
 */
import { expect, test } from "vitest";
import { POSTS_PER_PERIOD, POSTS_PER_SITE } from "#schema/limits";
import { allowed } from "../allowed";
import { newWall } from "../wall";

test("a host with a whole /48 gets the limit of five networks, and its neighbours are not affected", async () => {
  const wall = newWall();
  let sites = 0;
  const { count, client: site } = await allowed(
    () => {
      sites += 1;
      return `2001:db8:a${sites}`;
    },
    (site, n) => wall.tryPost({ text: `${n}` }, { address: `${site}:${n.toString(16)}::1` }),
  );
  expect(count).toBe(POSTS_PER_SITE);
  const neighbour = { address: `${site.replace(":a", ":b")}:1::1` };
  expect(await wall.tryPost({ text: "hi" }, neighbour)).toMatchObject({ ok: true });
});

test("posts rejected by a network's limit don't count against its site", async () => {
  const wall = newWall();
  const at = (n: number) => ({ address: `2001:db8:c1:${n}::1` });
  for (let n = 0; n < POSTS_PER_SITE + POSTS_PER_PERIOD; n += 1)
    await wall.tryPost({ text: `${n}` }, at(1));
  expect(await wall.tryPost({ text: "hi" }, at(2))).toMatchObject({ ok: true });
});
