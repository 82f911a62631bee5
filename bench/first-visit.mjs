// @ts-check
// A first visit: the files it loads, when they arrive, and how fast the page responds.
import { readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { cls, inp, openPhone, seenBy } from "./phone.mjs";

/** Scripts fetched this soon after the load event are part of the first load. */
const AFTER_LOAD_MS = 1_000;
const KEY_DELAY_MS = 80;

/** @typedef {import("@playwright/test").Browser} Browser */
/** @typedef {import("@playwright/test").Page} Page */
/**
 * @typedef {{ path: string, wireBytes: number, gzipBytes: number | null, isAskedFor: boolean }} Script
 * `isAskedFor`: by the page's own HTML, as Next counts a first load; the conversation's links load the others
 */
/** @typedef {import("./phone.mjs").Seen & { scripts: Script[], cls: number, inpMs: number }} Visit */

/**
 * A first visit: read the page, type and send a message, open the search and use it.
 * @param {Browser} browser
 * @param {{ url: string, built: string }} wall `built`: the directory of the page's files
 * @returns {Promise<Visit>}
 */
export async function firstVisit(browser, { url, built }) {
  const { context, page, devtools } = await openPhone(browser);
  try {
    const scripts = watchScripts(devtools, built);
    const html = (await (await page.goto(url, { waitUntil: "load" }))?.text()) ?? "";
    await delay(AFTER_LOAD_MS);
    const firstLoad = scripts().map((one) => ({ ...one, isAskedFor: html.includes(one.path) }));
    await page.getByRole("article").last().waitFor();
    await act(page);
    const seen = await seenBy(page);
    return { ...seen, scripts: firstLoad, cls: cls(seen.shifts), inpMs: inp(seen.interactions) };
  } finally {
    await context.close();
  }
}

/** @param {Page} page */
async function act(page) {
  const said = `measured at ${Date.now()}`;
  const composer = page.getByRole("textbox", { name: "Message" });
  await composer.tap();
  await page.keyboard.type(said, { delay: KEY_DELAY_MS });
  // On a touch device Enter inserts a line break.
  await page.getByRole("button", { name: "Send" }).tap();
  await page.getByRole("article").filter({ hasText: said }).waitFor();
  await page.getByRole("button", { name: "Search" }).tap();
  await page.getByRole("searchbox").waitFor();
  await page.keyboard.type("longer", { delay: KEY_DELAY_MS });
}

/**
 * @param {import("@playwright/test").CDPSession} devtools
 * @param {string} built the directory of the page's files
 * @returns {() => Omit<Script, "isAskedFor">[]} those loaded so far
 */
function watchScripts(devtools, built) {
  /** @type {Map<string, string>} paths by request */
  const paths = new Map();
  /**
   * @type {Map<string, number>} bytes by path: a preloaded file is answered twice, but transferred once
   */
  const wireBytes = new Map();
  devtools.on("Network.responseReceived", ({ requestId, type, response }) => {
    if (type === "Script") paths.set(requestId, new URL(response.url).pathname);
  });
  devtools.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const script = paths.get(requestId);
    if (script === undefined) return;
    wireBytes.set(script, Math.max(wireBytes.get(script) ?? 0, encodedDataLength));
  });
  return () =>
    [...wireBytes].map(([script, bytes]) => ({
      path: script,
      wireBytes: bytes,
      gzipBytes: gzipBytesOf(path.join(built, decodeURIComponent(script))),
    }));
}

/** @param {string} file `null` if it does not exist */
function gzipBytesOf(file) {
  try {
    return gzipSync(readFileSync(file)).length;
  } catch {
    return null;
  }
}
