/** Counts the requests that the platform's own rate limiter lets a client make in a minute. */
import { expect } from "vitest";
import { RATE_LIMIT_PERIOD_S } from "#schema/limits";
import type { Outcome } from "#schema/problem";

const PERIOD_MS = RATE_LIMIT_PERIOD_S * 1_000;

/**
 * Sends requests of a new client until the first 429. Returns how many came before it, and the client.
 * The limiter's counters start again at each full minute. A count that runs past a full minute is
 * invalid, and is repeated with a new client: the old one has already used part of the new minute's
 * limit.
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
