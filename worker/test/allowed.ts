/** Counts the requests a client gets through in a minute, by the platform's own counters. */
import { expect } from "vitest";
import { RATE_LIMIT_PERIOD_S } from "#schema/limits";
import type { Outcome } from "#schema/problem";

const PERIOD_MS = RATE_LIMIT_PERIOD_S * 1_000;

/**
 * Returns the number of requests a new client gets through before the first 429, and that client.
 * The counters reset at each full minute, so a count across one is invalid and is repeated with a
 * new client: the old one has used up part of the new minute.
 */
export async function allowed<Client>(
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
