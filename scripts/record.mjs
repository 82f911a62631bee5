// @ts-check
// The next release must understand these recordings (e2e/server/release.spec.ts, client/wall/release.test.ts).
import { writeFileSync } from "node:fs";
import http from "node:http";
import path from "node:path";
import { readArguments } from "./command/arguments.mjs";
import { ROOT } from "./command/paths.mjs";
import { runCommand } from "./command/run.mjs";
import { scratchDirectory } from "./command/scratch.mjs";
import { say } from "./command/terminal.mjs";
import { currentVersion } from "./deploy/target.mjs";
import { listen } from "./stack/listen.mjs";
import { launchBrowser } from "./test/browser.mjs";
import { startBot } from "./trial/bot.mjs";
import { startWall } from "./trial/wall.mjs";

/** @typedef {{ by: string, method: string, path: string, body?: unknown, status: number, etag?: string, answer?: any }} Exchange */

const FILE = path.join(ROOT, "e2e", "recorded", "release.json");

const USAGE = `npm run record

Records the requests of this release's page and bot, and the wall's answers, in e2e/recorded. Needs a
Chromium.`;

runCommand(async () => {
  readArguments(USAGE);
  const wall = await startWall(scratchDirectory("record"));
  /** @type {Exchange[]} */
  const exchanges = [];
  const proxy = recorder(wall.url, exchanges);
  try {
    const url = await listen(proxy, { host: "127.0.0.1", port: 0 });
    await converse(url);
  } finally {
    proxy.close();
    proxy.closeAllConnections();
    await wall.stop();
  }
  const told = withoutRepeats(exchanges);
  const release = { version: await currentVersion(), exchanges: told };
  writeFileSync(FILE, `${JSON.stringify(release, null, 2)}\n`);
  say(`${told.length} exchanges in ${path.relative(process.cwd(), FILE)}`);
});

/**
 * A person posts, a bot answers, and the person sees the answer.
 * @param {string} url
 */
async function converse(url) {
  const browser = await launchBrowser();
  const bot = startBot(url);
  try {
    const page = await browser.newPage();
    await page.goto(url);
    await page.locator("[role=log][aria-busy=false]").waitFor({ state: "attached" });
    await page.getByRole("textbox", { name: "Message", exact: true }).fill("Is anybody there?");
    await page.keyboard.press("Enter");
    await page.getByRole("article").nth(1).waitFor();
    // Requests that the page sends only on a long wall, or for a linked message.
    await page.evaluate(async () => {
      const { comments } = await (await fetch("/api/comments")).json();
      await fetch(`/api/comments?before=${comments[0].id}`);
      await fetch(`/api/comments/${comments[0].id}`);
    });
    await page.waitForResponse((response) => response.url().includes("since="));
    await page.waitForResponse((response) => response.status() === 304);
  } finally {
    await bot.end("SIGTERM");
    await browser.close();
  }
}

/**
 * @param {string} to
 * @param {Exchange[]} exchanges
 */
function recorder(to, exchanges) {
  return http.createServer(async (request, response) => {
    let sent = "";
    for await (const chunk of request) sent += chunk;
    const { method = "GET", url = "/" } = request;
    const { host: _, connection: __, origin: ___, ...headers } = request.headers;
    const answered = await fetch(to + url, {
      method,
      headers: /** @type {Record<string, string>} */ (headers),
      ...(sent !== "" && { body: sent }),
    });
    const answer = Buffer.from(await answered.arrayBuffer());
    const passed = ["content-type", "etag", "rebuilt-at", "location"];
    const answerHeaders = passed.flatMap((name) => {
      const value = answered.headers.get(name);
      return value === null ? [] : [[name, value]];
    });
    response.writeHead(answered.status, Object.fromEntries(answerHeaders)).end(answer);
    if (!url.startsWith("/api/")) return;
    const etag = request.headers["if-none-match"];
    exchanges.push({
      by: "sec-fetch-site" in headers ? "page" : "bot",
      method,
      path: url,
      ...(sent !== "" && { body: JSON.parse(sent) }),
      status: answered.status,
      ...(etag && { etag }),
      ...(answer.length > 0 && { answer: JSON.parse(answer.toString()) }),
    });
  });
}

/**
 * Each kind of request and answer once, in order of first appearance.
 * @param {readonly Exchange[]} exchanges
 */
function withoutRepeats(exchanges) {
  /** @type {Map<string, Exchange>} */
  const kinds = new Map();
  for (const exchange of exchanges) {
    const { by, method, status, answer } = exchange;
    const { pathname, searchParams } = new URL(exchange.path, "http://wall");
    const place = pathname.replace(/\d{13}-\w{10}/, "ID");
    const isEmpty = answer?.comments?.length === 0;
    const kind = [by, method, place, [...searchParams.keys()], status, isEmpty].join(" ");
    if (!kinds.has(kind)) kinds.set(kind, exchange);
  }
  return [...kinds.values()];
}
