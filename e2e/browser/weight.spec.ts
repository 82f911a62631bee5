/** The weight of the first load, as the bench measures it (bench/page.mjs). */
import { gzipSync } from "node:zlib";
import { FIRST_LOAD_BUDGET_KB } from "../../bench/budget.mjs";
import { expect, test } from "../fixtures";

const BYTES_PER_KB = 1_000;

test("the scripts that the page's HTML names fit their budget", async ({ request }) => {
  const html = await (await request.get("/")).text();
  // Browsers that load modules skip the polyfills.
  const scripts = new Set(
    [...html.matchAll(/<script src="([^"]+)"(?! noModule)/g)].map(([, path = ""]) => path),
  );
  expect(scripts.size).toBeGreaterThan(2);
  let bytes = 0;
  for (const path of scripts) {
    bytes += gzipSync(await (await request.get(path)).body()).length;
  }
  expect(bytes / BYTES_PER_KB).toBeLessThanOrEqual(FIRST_LOAD_BUDGET_KB);
});
