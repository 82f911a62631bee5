/** Versions and platform facts that are written in two places, or that must stay above a floor. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import {
  HISTORY_PAGES_PER_PERIOD,
  HISTORY_PAGES_PER_SITE,
  POSTS_PER_PERIOD,
  POSTS_PER_SITE,
  RATE_LIMIT_PERIOD_S,
  REPORTS_PER_PERIOD,
  REPORTS_PER_SITE,
} from "#schema/limits";
import { ROOT } from "../command/paths.mjs";
import { OLDEST_NODE } from "../command/run.mjs";

/** Older versions have known vulnerabilities, among them remote code execution. */
const NEXT_FLOOR = "15.5.28";

/** The last `vercel` that @cloudflare/next-on-pages accepts. */
const VERCEL_CAP = "47.0.4";

type Locked = { version: string; integrity?: string; dependencies?: Record<string, string> };

const read = (file: string) => readFileSync(path.join(ROOT, file), "utf8");
const { dependencies, devDependencies, engines } = JSON.parse(read("package.json"));
const direct: Record<string, string> = { ...dependencies, ...devDependencies };
const locked: Record<string, Locked> = JSON.parse(read("package-lock.json")).packages;

/** Every version of a package in the lock file, at any depth. */
function installed(name: string): string[] {
  const places = Object.entries(locked).filter(([place]) => place.endsWith(`node_modules/${name}`));
  return [...new Set(places.map(([, { version }]) => version))];
}

/** The exact version of `dependency` required in a package's own package.json. */
function pin(name: string, dependency: string) {
  return locked[`node_modules/${name}`]?.dependencies?.[dependency];
}

test(`the lock file installs no Next.js below ${NEXT_FLOOR}`, () => {
  const versions = installed("next");
  expect(versions.length).toBeGreaterThan(0);
  for (const version of versions)
    expect(version.localeCompare(NEXT_FLOOR, "en", { numeric: true })).toBeGreaterThanOrEqual(0);
});

test("every dependency has an exact version, and the lock file has the same one", () => {
  for (const [name, version] of Object.entries(direct))
    expect.soft(`${name} ${locked[`node_modules/${name}`]?.version}`).toBe(`${name} ${version}`);
});

test("one runtime is installed, the one that wrangler requires", () => {
  expect(installed("wrangler")).toEqual([direct.wrangler]);
  expect(installed("miniflare")).toEqual([pin("wrangler", "miniflare")]);
  expect(installed("workerd")).toEqual([pin("wrangler", "workerd")]);
  expect(direct.miniflare).toBe(pin("wrangler", "miniflare"));
});

test("the tests in workerd run on the same wrangler as the wall", () => {
  // Newer releases of the pool have another name: vitest-plugin.
  const pools = Object.keys(direct).filter((name) => name.startsWith("@cloudflare/vitest-"));
  expect(pools.map((pool) => pin(pool, "wrangler"))).toEqual([direct.wrangler]);
});

test("vercel stays at the last version that the adapter accepts", () => {
  expect(direct.vercel).toBe(VERCEL_CAP);
});

test("Worker, Pages and benches use the same compatibility date, which the runtime knows", () => {
  const dates = ["wrangler.toml", "worker/wrangler.toml", "bench/runtime.mjs"].map(
    (file) => /compatibility_?date\W+([\d-]+)/i.exec(read(file))?.[1],
  );
  expect(new Set(dates).size).toBe(1);
  // workerd 1.20260426.1 supports compatibility dates up to 2026-04-26.
  const newest = direct.miniflare?.split(".")[1];
  expect(Number(dates[0]?.replaceAll("-", ""))).toBeLessThanOrEqual(Number(newest));
});

test("the oldest Node is the same everywhere", () => {
  expect(engines.node).toBe(`>=${OLDEST_NODE}`);
  expect(read("README.md")).toContain(`Node ${OLDEST_NODE} or later`);
  expect(read("docs/deploy.md")).toContain(`Node ${OLDEST_NODE} or later`);
  expect(read(".nvmrc").trim()).toBe(OLDEST_NODE.split(".")[0]);
});

test("CI's oldest Node is the oldest that can run the tests", () => {
  const [, oldest] = /OLDEST_NODE_FOR_TESTS = "([\d.]+)"/.exec(read("scripts/test.mjs")) ?? [];
  expect(read("README.md")).toContain(`for \`npm test\`: Node ${oldest}`);
  expect(read(".github/workflows/ci.yml")).toContain(`node: ["${oldest}", `);
});

test("the types of Node match the oldest Node", () => {
  const [typed, here] = [direct["@types/node"], process.versions.node].map((version) =>
    Number(version?.split(".")[0]),
  );
  expect(typed).toBeLessThanOrEqual(here ?? 0);
});

test("the Worker's rate limits match the code's", () => {
  const limits = [
    ...read("worker/wrangler.toml").matchAll(/^name = "(\w+_LIMIT)"[^[]*?^simple = (.*)$/gm),
  ];
  expect(Object.fromEntries(limits.map(([, name, simple]) => [name, simple]))).toEqual({
    POST_LIMIT: `{ limit = ${POSTS_PER_PERIOD}, period = ${RATE_LIMIT_PERIOD_S} }`,
    HISTORY_LIMIT: `{ limit = ${HISTORY_PAGES_PER_PERIOD}, period = ${RATE_LIMIT_PERIOD_S} }`,
    POST_SITE_LIMIT: `{ limit = ${POSTS_PER_SITE}, period = ${RATE_LIMIT_PERIOD_S} }`,
    HISTORY_SITE_LIMIT: `{ limit = ${HISTORY_PAGES_PER_SITE}, period = ${RATE_LIMIT_PERIOD_S} }`,
    REPORT_LIMIT: `{ limit = ${REPORTS_PER_PERIOD}, period = ${RATE_LIMIT_PERIOD_S} }`,
    REPORT_SITE_LIMIT: `{ limit = ${REPORTS_PER_SITE}, period = ${RATE_LIMIT_PERIOD_S} }`,
  });
});
