/** What the project's own files say of the platform, where two of them must agree or a floor must hold. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import {
  HISTORY_PAGES_PER_PERIOD,
  HISTORY_PAGES_PER_SITE,
  POSTS_PER_PERIOD,
  POSTS_PER_SITE,
  RATE_LIMIT_PERIOD_S,
} from "#schema/limits";
import { ROOT } from "../command/paths.mjs";

/** Older ones have known holes, among them the execution of a stranger's code. */
const NEXT_FLOOR = "15.5.28";

const read = (file: string) => readFileSync(path.join(ROOT, file), "utf8");

test(`no Next.js below ${NEXT_FLOOR} is installed by the lock file`, () => {
  const { packages }: { packages: Record<string, { version?: string }> } = JSON.parse(
    read("package-lock.json"),
  );
  const versions = Object.entries(packages).flatMap(([place, { version }]) =>
    /(^|\/)node_modules\/next$/.test(place) ? [version ?? ""] : [],
  );
  expect(versions.length).toBeGreaterThan(0);
  for (const version of versions)
    expect(version.localeCompare(NEXT_FLOOR, "en", { numeric: true })).toBeGreaterThanOrEqual(0);
});

test("the Worker's rate limits are those that the code speaks of", () => {
  const limits = [
    ...read("worker/wrangler.toml").matchAll(/^name = "(\w+_LIMIT)"[^[]*?^simple = (.*)$/gm),
  ];
  expect(Object.fromEntries(limits.map(([, name, simple]) => [name, simple]))).toEqual({
    POST_LIMIT: `{ limit = ${POSTS_PER_PERIOD}, period = ${RATE_LIMIT_PERIOD_S} }`,
    HISTORY_LIMIT: `{ limit = ${HISTORY_PAGES_PER_PERIOD}, period = ${RATE_LIMIT_PERIOD_S} }`,
    POST_SITE_LIMIT: `{ limit = ${POSTS_PER_SITE}, period = ${RATE_LIMIT_PERIOD_S} }`,
    HISTORY_SITE_LIMIT: `{ limit = ${HISTORY_PAGES_PER_SITE}, period = ${RATE_LIMIT_PERIOD_S} }`,
  });
});
