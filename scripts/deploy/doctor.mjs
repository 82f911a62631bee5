// @ts-check
// Checks a running wall from outside, as a reader, a poster and a monitor would use it. Needs no account and no token.
import { createHash, randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { say } from "../command/terminal.mjs";
import { whyNoChannel } from "./live.mjs";

/**
 * @typedef {object} Checked
 * @property {string} title
 * @property {boolean} isWell
 * @property {string} words the result, or the fault and its remedy
 */

/**
 * @typedef {object} Patience
 * @property {number} answerMs longest wait for one answer
 * @property {number} shownMs longest wait for a posted message to be shown, and for a late wall to answer well
 * @property {number} pollMs
 */

/** @type {Patience} */
const PATIENCE = { answerMs: 10_000, shownMs: 15_000, pollMs: 1_000 };

/** The cron runs each minute. A new one, or a changed one, may take Cloudflare 15 minutes to start. */
const CRON_LATE_MS = 3 * 60_000;
const CRON_STARTS_MS = 16 * 60_000;

/** As `/api/health` judges it (`schema/backup.ts`). */
const BACKUP_LATE_MS = 48 * 60 * 60_000;

const PROBE = "A check of this wall. It removes itself within seconds.";

/**
 * Checks the wall at `url`, one part after the other, and reports each as it ends. A wall may answer badly for
 * seconds after a deploy or a restart: checks that only read are repeated, all together for at most `shownMs`.
 * Never throws.
 * @param {string} url without a trailing slash
 * @param {{ report?: (checked: Checked) => void, waits?: (late: Checked & { forMs: number }) => void, patience?: Partial<Patience> }} [options]
 *   `waits` is called once for each check that is repeated
 * @returns {Promise<Checked[]>}
 */
export async function examine(url, { report = () => {}, waits = () => {}, patience } = {}) {
  const wall = new Wall(url, { ...PATIENCE, ...patience });
  const { shownMs, pollMs } = wall.patience;
  const deadline = Date.now() + shownMs;
  /** @type {Checked[]} */
  const results = [];
  for (const [title, check] of CHECKS) {
    const run = async () => ({ title, ...(await outcomeOf(() => check(wall))) });
    let result = await run();
    const leftMs = deadline - Date.now();
    if (REPEATED.has(check) && !result.isWell && leftMs > 0) waits({ ...result, forMs: leftMs });
    while (REPEATED.has(check) && !result.isWell && Date.now() < deadline) {
      await delay(pollMs);
      result = await run();
    }
    results.push(result);
    report(result);
  }
  return results;
}

/**
 * The same, with a printed line for each part.
 * @param {string} url
 * @returns {Promise<{ failed: number, total: number }>}
 */
export async function sayExamined(url) {
  const results = await examine(url, {
    report: ({ title, isWell, words }) => say(`  ${isWell ? "ok " : "BAD"} ${title}: ${words}`),
    waits: ({ title, words, forMs }) =>
      say(`  ... ${title}: ${words}. Trying again for ${Math.ceil(forMs / 1_000)} s`),
  });
  return { failed: results.filter(({ isWell }) => !isWell).length, total: results.length };
}

/** @param {() => Promise<string>} check */
async function outcomeOf(check) {
  try {
    return { isWell: true, words: await check() };
  } catch (error) {
    return { isWell: false, words: error instanceof Error ? error.message : String(error) };
  }
}

class Wall {
  /**
   * @param {string} url
   * @param {Patience} patience
   */
  constructor(url, patience) {
    this.url = url;
    this.patience = patience;
    /** @type {{ id: string, secret: string } | null} the probe, once it is posted */
    this.probe = null;
    /** Whether the wall reported that it is fresh. */
    this.isFresh = false;
    /** @type {Promise<any> | undefined} the status after the other checks */
    this.later = undefined;
  }

  /**
   * @param {string} path
   * @param {{ method?: string, body?: unknown }} [request]
   * @throws {Error} if there is no answer in time
   */
  async ask(path, { method = "GET", body } = {}) {
    const { answerMs } = this.patience;
    try {
      const response = await fetch(`${this.url}${path}`, {
        method,
        signal: AbortSignal.timeout(answerMs),
        redirect: "manual",
        ...(body !== undefined && {
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify(body),
        }),
      });
      const { status, headers } = response;
      return { status, headers, text: await response.text() };
    } catch (error) {
      const { name, message, cause } = /** @type {Error} */ (error);
      const why = name === "TimeoutError" ? `not within ${answerMs / 1_000} s` : message;
      const detail = cause instanceof Error && cause.message ? `: ${cause.message}` : "";
      throw new Error(`${path} does not answer (${why}${detail})`);
    }
  }

  /**
   * @param {string} path
   * @param {Parameters<Wall["ask"]>[1]} [request]
   */
  async json(path, request) {
    const { status, text } = await this.ask(path, request);
    try {
      return { status, body: JSON.parse(text) };
    } catch {
      throw new Error(
        `${path} answers ${status} without JSON: the API's functions are not deployed`,
      );
    }
  }

  /**
   * Asks until there is something to return.
   * @template T
   * @param {() => Promise<T | null>} look
   * @returns {Promise<T | null>}
   */
  async until(look) {
    const { shownMs, pollMs } = this.patience;
    const deadline = Date.now() + shownMs;
    for (;;) {
      const found = await look();
      if (found !== null || Date.now() > deadline) return found;
      await delay(pollMs);
    }
  }
}

/** @type {[title: string, check: (wall: Wall) => Promise<string>][]} */
const CHECKS = [
  ["page", page],
  ["API", api],
  ["freshness", freshness],
  ["health", health],
  ["post", post],
  ["removal", removal],
  ["live channel", channel],
  ["spare", spare],
  ["cron", cron],
  ["object", object],
  ["backup", backup],
];

const REPEATED = new Set([page, api, freshness, health]);

/** @param {Wall} wall */
async function page(wall) {
  const { status, headers, text } = await wall.ask("/");
  if (status !== 200) throw new Error(`/ answers ${status}: deploy the page, or check the address`);
  if (!text.includes("/_next/static/"))
    throw new Error("/ is not the wall's page: check the address");
  if (!headers.get("content-security-policy"))
    throw new Error("/ has no security policy: the page was not built by `npm run deploy`");
  return "is served, with its security policy";
}

/** @param {Wall} wall */
async function api(wall) {
  const { status, body } = await wall.json("/api/comments?limit=1");
  if (status !== 200) throw new Error(`the wall can't be read: ${problem(status, body)}`);
  if (typeof body.cursor !== "string" || !Array.isArray(body.comments))
    throw new Error("/api/comments answers something else than a wall does: check the address");
  if (body.spare)
    throw new Error("the wall is read from its spare: its object is away. Look at `npm run logs`");
  return "answers";
}

/** @param {Wall} wall */
async function freshness(wall) {
  const status = await statusOf(wall);
  const { wall: name, version, ledger, ageMs } = status;
  if (status.ok !== true)
    throw new Error(
      `the last rebuild was ${Math.round(ageMs / 1_000)} s ago, ${status.rebuilds?.failed ?? "?"} failed. Look at \`npm run logs\``,
    );
  wall.isFresh = true;
  return `the wall “${name}” on ${ledger}, version ${version}, is ${(ageMs / 1_000).toFixed(1)} s old`;
}

/** @param {Wall} wall */
async function health(wall) {
  const { status, body } = await wall.json("/api/health");
  if (status === 200 && body.ok === true) return "a monitor that asks /api/health gets 200";
  throw new Error(`/api/health answers ${status} ${body.reason ?? ""}. See docs/operating.md`);
}

/** @param {Wall} wall */
async function spare(wall) {
  const { failingSince, publishedAt } = (await laterStatus(wall)).spare;
  if (failingSince !== null)
    throw new Error(
      `the store has rejected the published copy for ${age(failingSince)}. Look at \`npm run logs\``,
    );
  return publishedAt === null
    ? "no change to publish since the object started"
    : `published ${age(publishedAt)} ago`;
}

/** @param {Wall} wall */
async function cron(wall) {
  const { cron } = await laterStatus(wall);
  if (!cron) return "previews have none";
  const { at, since } = cron;
  if (Date.now() - (at ?? since) <= (at === null ? CRON_STARTS_MS : CRON_LATE_MS))
    return at === null
      ? `has not run since the object started ${age(since)} ago. A new one may take 15 minutes to start: repeat this check then`
      : `last ran ${age(at)} ago`;
  throw new Error(
    `has not run for ${age(at ?? since)}. Look at the Worker's cron trigger in Cloudflare's dashboard, then deploy again`,
  );
}

/** @param {Wall} wall */
async function backup(wall) {
  const { backup } = await laterStatus(wall);
  if (!backup) return "no bucket is bound: `npm run export` makes one by hand";
  if (backup.at === null) return "none is finished yet: the cron writes the first one";
  if (Date.now() - backup.at <= BACKUP_LATE_MS) return `the last one is ${age(backup.at)} old`;
  throw new Error(`the last one is ${age(backup.at)} old. Look at \`npm run logs\``);
}

/** @param {Wall} wall */
async function object(wall) {
  const { location } = await laterStatus(wall);
  return location ? `runs in Cloudflare's data centre ${location}` : "its data centre is not known";
}

/**
 * The status after the other checks, read once: the object asks for its location only when it is asked for its status.
 * @param {Wall} wall
 */
async function laterStatus(wall) {
  if (!wall.isFresh) throw new Error("not checked, because the status is not known");
  wall.later ??= statusOf(wall);
  return wall.later;
}

/** @param {Wall} wall */
async function statusOf(wall) {
  const { body } = await wall.json("/api/status");
  if (body.away) throw new Error("the wall's object does not answer. Look at `npm run logs`");
  return body;
}

/** @param {number} time in ms */
function age(time) {
  const seconds = Math.max(0, Math.round((Date.now() - time) / 1_000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

/** @param {Wall} wall */
async function post(wall) {
  const { body: before } = await wall.json("/api/comments?limit=1");
  const secret = randomBytes(32).toString("base64url");
  const secretHash = createHash("sha256").update(secret).digest("base64url");
  const draft = { text: PROBE, username: "doctor", secretHash };
  const began = performance.now();
  const { status, body } = await wall.json("/api/comments", { method: "POST", body: draft });
  if (status !== 201) throw new Error(`a message can't be posted: ${problem(status, body)}`);
  wall.probe = { id: body.id, secret };
  const since = encodeURIComponent(before.cursor);
  const shown = await wall.until(async () => {
    const read = await wall.json(`/api/comments?since=${since}`);
    const isThere = read.body.comments?.some((/** @type {any} */ { id }) => id === body.id);
    return isThere ? true : null;
  });
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  if (!shown) throw new Error(`a message is stored, but not shown after ${seconds} s`);
  return `a message is stored and shown within ${seconds} s`;
}

/** @param {Wall} wall */
async function removal(wall) {
  if (!wall.probe) throw new Error("not tried, because nothing could be posted");
  const { id, secret } = wall.probe;
  const path = `/api/comments/${id}`;
  const { status, text } = await wall.ask(path, { method: "DELETE", body: { secret } });
  if (status !== 204)
    throw new Error(`the message of this check stays: ${status} ${text}. Remove it on /admin`);
  const after = await wall.ask(path);
  if (after.status !== 404)
    throw new Error(`a removed message is still found: ${path} answers ${after.status}`);
  return "the message is removed again";
}

/** @param {Wall} wall */
async function channel(wall) {
  const reason = await whyNoChannel(wall.url, wall.patience.answerMs);
  if (reason === null) return "opens";
  if (reason === "refused with 404") return "is switched off: pages poll every 5 seconds";
  throw new Error(`does not open (${reason}): pages poll every 5 seconds, and lose nothing`);
}

/**
 * @param {number} status
 * @param {any} body problem details
 */
function problem(status, { detail, code } = {}) {
  return [status, code, detail].filter(Boolean).join(" ");
}
