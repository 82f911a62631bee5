// @ts-check
// Operations counted by kind → the monthly bill at list prices, by line.
import { setTimeout as delay } from "node:timers/promises";
import { importBundled } from "../../scripts/command/bundle.mjs";
import { newNonce, openMembers } from "../channels.mjs";
import {
  botTable,
  CALLS,
  channelTable,
  freeTable,
  lineTable,
  nameOf,
  ofRebuilds,
  usdTable,
} from "../cost-tables.mjs";
import { Pool, pace, post } from "../load.mjs";
import { BOT_TOKEN, startSubjects } from "../runtime.mjs";

const RATES = [0, 10, 100, 1_000];
const TABS = [0, 1, 100];
/** With a live channel in each tab, on `sqlite`: the share of the posts that still come over HTTP. */
const CHANNEL_CASES = [
  { rate: 1_000, tabs: 100, httpShare: 0, atMost: 6.5 },
  { rate: 1_000, tabs: 1_000, httpShare: 0, atMost: 8 },
  { rate: 1_000, tabs: 100, httpShare: 0.2 },
  { rate: 0, tabs: 5, httpShare: 0 },
];
/** Assumed: a tab opens its channel again once an hour, after a deploy, a sleep of the computer, or a fault. */
const CHANNEL_LIFE_MS = 3_600_000;
const QUICK_MS = 60_000;
const FULL_MS = 600_000;
const PAGE_POLL_MS = 5_000;
/** A patch's key is written by the second rebuild at the latest. After 10 s without a call the object ends, and its counts. */
const KEYS_WRITTEN_MS = 7_000;
const CRON_PER_MINUTE = 1;

/** @typedef {import("../cost-tables.mjs").Use} Use */
/** @typedef {import("../cost-tables.mjs").Case} Case */

/**
 * @param {import("../report.mjs").Context} context
 * @returns {Promise<import("../report.mjs").Report>}
 */
export async function run({ full, ledger, done }) {
  const ms = full ? FULL_MS : QUICK_MS;
  const { tallyOf, billOf, pingsAtMost } = await importBundled("schema/cost/bill.ts");
  const { PRICES, PRICES_AS_OF } = await importBundled("schema/cost/prices.ts");
  const subjects = await startSubjects(["wall-cost"], ledger);
  try {
    /** @type {Use[]} */
    const polling = RATES.flatMap((rate) => TABS.map((tabs) => ({ rate, tabs })));
    // One after the other: the client of a thousand channels would delay the other walls' requests.
    const batches = ledger === "sqlite" ? [polling, CHANNEL_CASES] : [polling];
    const began = performance.now();
    const beat = setInterval(() => {
      const share = (performance.now() - began) / (ms * batches.length);
      done(Math.min(0.95, share), "walls at use");
    }, 1_000);
    /** @type {Case[]} */
    const cases = [];
    for (const batch of batches)
      cases.push(
        ...(await Promise.all(
          batch.map(async (use) => {
            const counted = { ledger, ...(await used(subjects, ledger, { ...use, ms })) };
            const pings = use.httpShare === undefined ? 0 : pingsAtMost(use.tabs, counted.ms);
            return { ...use, counted: { ...counted, pings } };
          }),
        )),
      );
    clearInterval(beat);
    const bot = await botCalls(subjects);
    const billFor = (/** @type {any} */ counted) => billOf(tallyOf(counted), counted.ms);
    const bills = cases.map(({ counted }) => billFor(counted));
    const channels = cases.filter(({ httpShare }) => httpShare !== undefined);
    const unpinged = channels.map(({ counted }) => billFor({ ...counted, pings: 0 }));
    return {
      tables: [
        usdTable(cases, bills),
        ...(channels.length > 0
          ? [channelTable(channels, unpinged, bills.slice(-channels.length))]
          : []),
        ...[polling.length - 1, 0, ...channels.map((_, index) => polling.length + index)].map(
          (index) => lineTable(cases[index], bills[index], PRICES),
        ),
        freeTable(cases, bills, PRICES),
        botTable(bot),
      ],
      targets: [
        ...bills.map((bill, index) => ({
          what: `lists, gets, puts and alarms, ${nameOf(cases[index])}`,
          value: ofRebuilds(bill),
          unit: "$",
          atMost: 5,
        })),
        {
          what: "an idle wall, beyond the plan",
          value: bills[0].usdBeyondPlan.most,
          unit: "$",
          atMost: 0,
        },
        ...channels.flatMap((one, index) => {
          const { atMost } = one;
          const value = unpinged[index].usd.most;
          const what = `all-in, pings unbilled, ${nameOf(one)}`;
          return atMost === undefined ? [] : [{ what, value, unit: "$", atMost }];
        }),
        ...channels.flatMap((one) => {
          if (one.rate > 0) return [];
          const shares = bills[cases.indexOf(one)].meters
            .filter((/** @type {any} */ { meter }) => meter.endsWith("requests"))
            .map((/** @type {any} */ { shareOfFree }) => shareOfFree.most);
          const what = `requests and calls in a day, as a share of the Free plan's, pings billed, ${nameOf(one)}`;
          return [{ what, value: Math.max(...shares), atMost: 1 }];
        }),
        ...cases.map((one) => ({
          what: `KV operations of neither posts nor the rebuilder, ${nameOf(one)}`,
          value: one.counted.untold,
          atMost: 0,
        })),
      ],
      samples: { cases, bills, bot },
      notes: [
        `List prices as of ${PRICES_AS_OF}, a month of 30 days, from ${ms / 60_000} minutes of each wall, all at once. Ranges: all readers in one isolate, to one isolate per poll. The object's duration counts the whole time.`,
      ],
    };
  } finally {
    await subjects.stop();
  }
}

/**
 * One wall under this load, and the operations it counted.
 * @param {import("../runtime.mjs").Subjects} subjects
 * @param {import("../runtime.mjs").Ledger} ledger
 * @param {Use & { ms: number }} use
 */
async function used(subjects, ledger, { rate, tabs, httpShare, ms }) {
  const hasChannels = httpShare !== undefined;
  const wall = `r${rate}-t${tabs}${hasChannels ? `-h${httpShare * 100}` : ""}`;
  const pool = new Pool(subjects.url("wall-cost"));
  const comments = `/${wall}/api/comments`;
  // The first read creates the wall and starts its alarm.
  let { cursor } = await pool.read(comments);
  await delay(PAGE_POLL_MS);
  const before = await counts(pool, wall);
  const told = new Told(before);
  const members = hasChannels
    ? await openMembers(subjects.url("wall-cost"), tabs, {
        since: cursor,
        path: `/${wall}/api/live`,
      })
    : [];
  // Sockets come and go: the newest one's answer is what all are told in the long run.
  const auditMs = Math.max(0, ...members.map(({ auditS }) => auditS)) * 1_000;
  const began = performance.now();
  let [posts, polls] = [0, 0];
  await Promise.all([
    pace(CRON_PER_MINUTE, ms, async () => {
      await pool.read(`/${wall}/watch`);
      // An unused wall is evicted before the next.
      told.hear(await counts(pool, wall));
    }),
    pace(rate, ms, async (index) => {
      // One post in `1 / httpShare` comes over HTTP.
      if (hasChannels && Math.floor((index + 1) * httpShare) === Math.floor(index * httpShare)) {
        await members[index % members.length]?.post(newNonce());
        return;
      }
      const { body, headers } = post(
        `message ${index}, about as long as people write them on a wall`,
        newNonce(),
      );
      await pool.ask({
        method: "POST",
        path: comments,
        ...(body && { body }),
        ...(headers && { headers }),
      });
      posts += 1;
    }),
    pace((tabs * 60_000) / (auditMs || PAGE_POLL_MS), ms, async () => {
      ({ cursor } = await pool.read(`${comments}?since=${cursor}`));
      polls += 1;
    }),
  ]);
  await delay(Math.max(0, ms - (performance.now() - began)));
  const counted = performance.now() - began;
  const after = await counts(pool, wall);
  for (const member of members) member.close();
  pool.close();
  told.hear(after);
  const operations = { ...told.operations };
  // The bench opens them all at its start.
  if (hasChannels) operations.live_connect = (tabs * counted) / CHANNEL_LIFE_MS;
  const atBindings = difference(after.atBindings, before.atBindings);
  const written = (ledger === "kv" ? posts : 0) + (operations.kv_write ?? 0);
  const lists = (operations.kv_list ?? 0) + (operations.kv_list_sweep ?? 0);
  const untold =
    Math.abs((atBindings.kv_write ?? 0) - written) +
    Math.abs((atBindings.kv_list ?? 0) - lists) +
    Math.abs((atBindings.kv_key_read ?? 0) - (operations.kv_key_read ?? 0));
  return {
    ms: counted,
    operations,
    posts,
    polls,
    atBindings,
    untold,
    ...stored(after, before, posts),
  };
}

/** @typedef {{ operations: Record<string, number>, incarnation: string, atBindings: Record<string, number>, sqliteBytes: number }} Counts */

/** Operations that the object counted since the first reading, over all its incarnations. */
class Told {
  /** @type {Record<string, number>} */
  operations = {};
  #last;

  /** @param {Counts} first */
  constructor(first) {
    this.#last = first;
  }

  /** @param {Counts} counts */
  hear(counts) {
    const isAnother = counts.incarnation !== this.#last.incarnation;
    const since = difference(counts.operations, isAnother ? {} : this.#last.operations);
    for (const [kind, times] of Object.entries(since))
      this.operations[kind] = (this.operations[kind] ?? 0) + times;
    this.#last = counts;
  }
}

/**
 * Bytes stored now, and the bytes that a post adds.
 * @param {Awaited<ReturnType<typeof counts>>} after
 * @param {Awaited<ReturnType<typeof counts>>} before
 * @param {number} posts
 */
function stored(after, before, posts) {
  const kvBytes = after.atBindings.kv_new_bytes ?? 0;
  const grown = kvBytes - (before.atBindings.kv_new_bytes ?? 0);
  return {
    stored: {
      kvBytes,
      sqliteBytes: after.sqliteBytes,
      kvBytesPerPost: posts > 0 ? grown / posts : 0,
    },
  };
}

/**
 * @param {Pool} pool
 * @param {string} wall
 * @returns {Promise<Counts>}
 */
async function counts(pool, wall) {
  return pool.read(`/${wall}/counts`);
}

/**
 * @param {Record<string, number>} after
 * @param {Record<string, number>} before
 */
function difference(after, before) {
  return Object.fromEntries(
    Object.entries(after).map(([kind, times]) => [kind, times - (before[kind] ?? 0)]),
  );
}

/**
 * The operations of claims and patches, each counted separately.
 * @param {import("../runtime.mjs").Subjects} subjects
 */
async function botCalls(subjects) {
  const wall = "bots";
  const pool = new Pool(subjects.url("wall-cost"));
  const path = `/${wall}/api/comments`;
  await pool.read(path);
  /** @type {string[]} */
  const ids = [];
  for (let index = 0; index < CALLS; index += 1) {
    const { body = "", headers = {} } = post(`message ${index}`);
    const answer = await pool.ask({ method: "POST", path, body, headers });
    ids.push(JSON.parse(answer.body.toString()).id);
  }
  await delay(PAGE_POLL_MS);
  const headers = { "Content-Type": "application/json", Authorization: `Bearer ${BOT_TOKEN}` };
  const calls = {
    claim: {
      method: "POST",
      suffix: "/claim",
      body: JSON.stringify({ bot: "bench", seconds: 60 }),
    },
    patch: {
      method: "PATCH",
      suffix: "",
      body: JSON.stringify({ botParams: { processed: true } }),
    },
  };
  /** @type {Record<string, Record<string, number>>} */
  const taken = {};
  for (const [name, { method, suffix, body }] of Object.entries(calls)) {
    const before = await counts(pool, wall);
    for (const id of ids) await pool.ask({ method, path: `${path}/${id}${suffix}`, body, headers });
    await delay(KEYS_WRITTEN_MS);
    taken[name] = difference((await counts(pool, wall)).operations, before.operations);
  }
  pool.close();
  return taken;
}
