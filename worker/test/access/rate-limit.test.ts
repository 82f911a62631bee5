/** Limits for posts and history reads, by the platform's own counters. */
import { expect, test } from "vitest";
import { HISTORY_PAGES_PER_PERIOD, POSTS_PER_PERIOD } from "#schema/limits";
import { allowed } from "../allowed";
import { ADMIN, BOT, newWall, somebody } from "../wall";

test("one address gets 20 posts a minute; other addresses, other walls and tokens are not affected", async () => {
  const wall = newWall();
  const { count, client: greedy } = await allowed(somebody, (client, n) =>
    wall.tryPost({ text: `${n}` }, client),
  );
  expect(count).toBe(POSTS_PER_PERIOD);
  for (const [other, caller] of [
    [wall, somebody()],
    [wall, { ...greedy, ...BOT }],
    [wall, { ...greedy, ...ADMIN }],
    [newWall(), greedy],
  ] as const)
    expect(await other.tryPost({ text: "still" }, caller)).toMatchObject({ ok: true });
  const invalid = await wall.tryPost({ text: "" }, greedy);
  expect(invalid).toMatchObject({ problem: { status: 400 } });
});

test("an IPv6 client is limited by its /64, however the address is written", async () => {
  const wall = newWall();
  let networks = 0;
  const { count, client: network } = await allowed(
    () => {
      networks += 1;
      return `a${networks}`;
    },
    (network, n) => {
      const addresses = [
        `2001:db8:ffff:${network}::1`,
        `2001:DB8:FFFF:${network.toUpperCase()}:2:3:4:5`,
        `2001:0db8:ffff:${network}::`,
      ];
      return wall.tryPost({ text: `${n}` }, { address: addresses[n % addresses.length] as string });
    },
  );
  expect(count).toBe(POSTS_PER_PERIOD);
  const neighbour = await wall.tryPost({ text: "hi" }, { address: `2001:db8:fffe:${network}::1` });
  expect(neighbour).toMatchObject({ ok: true });
});

test("history is limited, polls are not", async () => {
  const wall = newWall();
  const { id } = await wall.post({ text: "one" });
  const { count, client: reader } = await allowed(somebody, (client) =>
    wall.tryHistory(id, client, 1),
  );
  expect(count).toBe(HISTORY_PAGES_PER_PERIOD);
  // Polls have their answers for a second.
  await expect.poll(async () => (await wall.read()).comments, { timeout: 5_000 }).toHaveLength(1);
  expect(await wall.tryHistory(id, { ...reader, ...BOT })).toMatchObject({ ok: true });
});
