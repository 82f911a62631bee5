/**
 * Replays recorded requests of the previous release's page and bot, which this Worker must still answer:
 * page and Worker are deployed one after the other, and open pages and running bots keep their version.
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

// All tests send the bot's token by default. Here only the bot's requests do, since a page has none.
test.use({ extraHTTPHeaders: {} });

test(`the page and the bot of ${version} still get answers with the same status and fields`, async ({
  request,
}) => {
  const translation = new Translation();
  for (const { by, method, path, body, status, etag, answer } of exchanges) {
    const response = await request.fetch(translation.translate(path), {
      method,
      headers: {
        "Content-Type": "application/json",
        ...(by === "bot" && { Authorization: `Bearer ${process.env.BOT_TOKEN}` }),
        ...(etag && { "If-None-Match": translation.translate(etag) }),
      },
      ...(body !== undefined && { data: translation.translate(JSON.stringify(body)) }),
    });
    const title = `${by}: ${method} ${path}`;
    // The wall had not changed before the recorded 304. Here, another test's message may have changed it.
    const expected = status === 304 ? [200, 304] : [status];
    expect(expected, `${title}: ${await response.text()}`).toContain(response.status());
    if (answer === undefined) continue;
    const current: unknown = await response.json();
    translation.learn(answer, current);
    expect(missing(answer, current, translation), title).toEqual([]);
  }
});

/** Replaces recorded ids and cursors with this wall's, and makes nonces unique to this run. */
class Translation {
  readonly #current = new Map<string, string>();
  readonly #run = crypto.randomUUID().slice(0, 8);

  translate(text: string): string {
    let translated = decodeURIComponent(text).replace(
      /("nonce":"[^"]{8,50})"/g,
      `$1-${this.#run}"`,
    );
    for (const [recorded, current] of this.#current)
      translated = translated.replaceAll(recorded, current);
    return translated;
  }

  learn(recorded: unknown, current: unknown): void {
    for (const name of ["id", "cursor", "nextBefore"]) {
      const [before, after] = [field(recorded, name), field(current, name)];
      if (typeof before === "string" && typeof after === "string") this.#current.set(before, after);
    }
  }
}

function field(value: unknown, name: string): unknown {
  return (value as Record<string, unknown> | null)?.[name];
}

/** Paths of the recorded answer's fields that the current answer lacks or has with another type. */
function missing(recorded: unknown, current: unknown, translation: Translation, at = ""): string[] {
  if (Array.isArray(recorded)) {
    if (!Array.isArray(current)) return [at];
    // Other tests' comments may be in the current answer: find each recorded comment's match by its id.
    return recorded.flatMap((element) => {
      const id = field(element, "id");
      const same = current.find(
        (candidate) => field(candidate, "id") === translation.translate(String(id)),
      );
      return same === undefined ? [] : missing(element, same, translation, `${at}[]`);
    });
  }
  if (typeof recorded === "object" && recorded !== null) {
    if (typeof current !== "object" || current === null) return [at];
    return Object.entries(recorded).flatMap(([name, value]) =>
      name in current
        ? missing(value, field(current, name), translation, `${at}/${name}`)
        : [`${at}/${name}`],
    );
  }
  return typeof recorded === typeof current || recorded === null || current === null ? [] : [at];
}
