/** How often one client may post and read the past, by the platform's own counters. */
import { expect, test } from "vitest";
import {
  HISTORY_PAGES_PER_PERIOD,
  POSTS_PER_PERIOD,
  POSTS_PER_SITE,
  RATE_LIMIT_PERIOD_S,
} from "#schema/limits";
import type { Outcome } from "#schema/problem";
import { ADMIN, BOT, newWall, somebody } from "./wall";

const PERIOD_MS = RATE_LIMIT_PERIOD_S * 1_000;

/**
 * How many a new client is let through before the first refusal, and that client.
 * The counters start anew with each full minute, so a count across one says nothing: then a client
 * nobody has counted yet takes over, as the one before has used up some of the minute that began.
 */
async function allowed<Client>(
  newClient: () => Client,
  ask: (client: Client, n: number) => Promise<Outcome<unknown>>,
): Promise<{ count: number; client: Client }> {
  for (;;) {
    const client = newClient();
    const period = Math.floor(Date.now() / PERIOD_MS);
    let count = 0;
    let outcome = await ask(client, count);
    for (; outcome.ok && count < 1_000; outcome = await ask(client, count)) count += 1;
    if (Math.floor(Date.now() / PERIOD_MS) !== period) continue;
    expect(outcome).toMatchObject({
      problem: { status: 429, code: "rate_limited" },
      retryAfterSeconds: RATE_LIMIT_PERIOD_S,
    });
    return { count, client };
  }
}

test("one address gets 20 posts a minute; another, another wall and tokens are unaffected", async () => {
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

test("an IPv6 client counts by its /64, however it is written", async () => {
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

test("a host with a whole /48 gets what five networks get, and its neighbours are unaffected", async () => {
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

test("what one network is refused does not count for the others of its site", async () => {
  const wall = newWall();
  const at = (n: number) => ({ address: `2001:db8:c1:${n}::1` });
  for (let n = 0; n < POSTS_PER_SITE + POSTS_PER_PERIOD; n += 1)
    await wall.tryPost({ text: `${n}` }, at(1));
  expect(await wall.tryPost({ text: "hi" }, at(2))).toMatchObject({ ok: true });
});

test("the past is bounded, polls are not", async () => {
  const wall = newWall();
  const { id } = await wall.post({ text: "one" });
  const { count, client: reader } = await allowed(somebody, (client) =>
    wall.tryHistory(id, client, 1),
  );
  expect(count).toBe(HISTORY_PAGES_PER_PERIOD);
  expect((await wall.read()).comments).toHaveLength(1);
  expect(await wall.tryHistory(id, { ...reader, ...BOT })).toMatchObject({ ok: true });
});
