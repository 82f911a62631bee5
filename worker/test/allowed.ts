/** How often a client is let through in a minute, by the platform's own counters. */
import { expect } from "vitest";
import { RATE_LIMIT_PERIOD_S } from "#schema/limits";
import type { Outcome } from "#schema/problem";

const PERIOD_MS = RATE_LIMIT_PERIOD_S * 1_000;

/**
 * How many a new client is let through before the first refusal, and that client.
 * The counters start anew with each full minute, so a count across one says nothing: then a client
 * nobody has counted yet takes over, as the one before has used up some of the minute that began.
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
