/** The page's service worker (public/sw.js), run with a cache that only notes what it is asked to add. */
import { readFileSync } from "node:fs";
import vm from "node:vm";
import { expect, test } from "vitest";

const ORIGIN = "https://wall.example";
const SOURCE = readFileSync(new URL("../../public/sw.js", import.meta.url), "utf8");

/** Sends the worker a page's list of files. Returns the addresses that it caches. */
async function cachedFrom(keep: unknown): Promise<string[]> {
  const added: string[] = [];
  const handlers: Record<string, (event: object) => void> = {};
  const cache = {
    add: async (path: string) => void added.push(new URL(path, ORIGIN).href),
    keys: async () => [],
  };
  vm.runInNewContext(SOURCE, {
    self: {
      location: new URL(`${ORIGIN}/sw.js`),
      addEventListener: (name: string, handler: (event: object) => void) => {
        handlers[name] = handler;
      },
    },
    caches: { open: async () => cache, match: async () => undefined },
    URL,
  });
  let work: Promise<unknown> = Promise.resolve();
  handlers.message?.({
    data: { keep },
    waitUntil: (promise: Promise<unknown>) => {
      work = promise;
    },
  });
  await work;
  return added;
}

test("the files of a page are cached", async () => {
  const paths = ["/", "/favicon.svg", "/_next/static/chunks/app/api/%5B%5B...path%5D%5D/a-1.js"];
  expect(await cachedFrom(paths)).toEqual(paths.map((path) => ORIGIN + path));
});

test("no other address is cached, however it is written", async () => {
  const others = [
    "/_next/static/../../api/comments",
    "/_next/static/%2e%2e/%2E%2E/api/comments",
    "/_next/static/..%2f..%2fapi%2fcomments",
    "/_next/static/..\\..\\api\\comments",
    "/_next/static/..%5c..%5capi",
    "/api/comments",
    "//elsewhere.example/_next/static/a.js",
    "https://elsewhere.example/_next/static/a.js",
    "/admin",
    null,
    7,
    {},
  ];
  expect(await cachedFrom(others)).toEqual([]);
  expect(await cachedFrom("/")).toEqual([]);
  expect(await cachedFrom([...others, "/_next/static/a.js"])).toEqual([
    `${ORIGIN}/_next/static/a.js`,
  ]);
});
