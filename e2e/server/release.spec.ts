/**
 * Replays requests of the previous release's page and bot: page and Worker are deployed one after
 * the other, and open pages and running bots keep their version.
 */
import { readFileSync } from "node:fs";
import { expect, test } from "@playwright/test";

interface Exchange {
  by: string;
  method: string;
  path: string;
  body?: unknown;
  status: number;
  etag?: string;
  answer?: unknown;
}

const { version, exchanges } = JSON.parse(
  readFileSync(new URL("../recorded/release.json", import.meta.url), "utf8"),
) as { version: string; exchanges: Exchange[] };

// Pages have no token; the bot's is sent where the bot asks.
test.use({ extraHTTPHeaders: {} });

test(`requests of the page and bot of ${version} still get the same answers`, async ({
  request,
}) => {
  const names = new Names();
  for (const { by, method, path, body, status, etag, answer } of exchanges) {
    const response = await request.fetch(names.now(path), {
      method,
      headers: {
        "Content-Type": "application/json",
        ...(by === "bot" && { Authorization: `Bearer ${process.env.BOT_TOKEN}` }),
        ...(etag && { "If-None-Match": names.now(etag) }),
      },
      ...(body !== undefined && { data: names.now(JSON.stringify(body)) }),
    });
    const title = `${by}: ${method} ${path}`;
    // A comment that was unchanged in the recording may have been changed by another test's
    // message.
    const expected = status === 304 ? [200, 304] : [status];
    expect(expected, `${title}: ${await response.text()}`).toContain(response.status());
    if (answer === undefined) continue;
    const now: unknown = await response.json();
    names.learn(answer, now);
    expect(lost(answer, now, names), title).toEqual([]);
  }
});

/** Maps recorded ids and cursors to this wall's, and makes nonces unique to this run. */
class Names {
  readonly #now = new Map<string, string>();
  readonly #run = crypto.randomUUID().slice(0, 8);

  now(text: string): string {
    let named = decodeURIComponent(text).replace(/("nonce":"[^"]{8,50})"/g, `$1-${this.#run}"`);
    for (const [then, now] of this.#now) named = named.replaceAll(then, now);
    return named;
  }

  learn(then: unknown, now: unknown): void {
    for (const name of ["id", "cursor", "nextBefore"]) {
      const [before, after] = [field(then, name), field(now, name)];
      if (typeof before === "string" && typeof after === "string") this.#now.set(before, after);
    }
  }
}

function field(value: unknown, name: string): unknown {
  return (value as Record<string, unknown> | null)?.[name];
}

/** Fields of a recorded answer that are missing now or have another type. */
function lost(then: unknown, now: unknown, names: Names, at = ""): string[] {
  if (Array.isArray(then)) {
    if (!Array.isArray(now)) return [at];
    // Other tests' comments may be among these: compare each element with itself.
    return then.flatMap((element) => {
      const id = field(element, "id");
      const same = now.find((candidate) => field(candidate, "id") === names.now(String(id)));
      return same === undefined ? [] : lost(element, same, names, `${at}[]`);
    });
  }
  if (typeof then === "object" && then !== null) {
    if (typeof now !== "object" || now === null) return [at];
    return Object.entries(then).flatMap(([name, value]) =>
      name in now ? lost(value, field(now, name), names, `${at}/${name}`) : [`${at}/${name}`],
    );
  }
  return typeof then === typeof now || then === null || now === null ? [] : [at];
}
