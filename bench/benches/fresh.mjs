// @ts-check
// From the acknowledgement of a message to the first read that has it.
import { setTimeout as delay } from "node:timers/promises";
import { importBundled } from "../../scripts/command/bundle.mjs";
import { percentile } from "../../scripts/command/statistics.mjs";
import { Pool, pace, post } from "../load.mjs";
import { startSubjects } from "../runtime.mjs";

const PER_MINUTE = 1_000;
const QUICK_MS = 20_000;
const FULL_MS = 60_000;
const READERS = 4;
/** Readers poll this often, so that the figure is the wall's delay and not a reader's interval. */
const READ_MS = 50;
const LAST_SEEN_MS = 15_000;

/**
 * @param {import("../report.mjs").Context} context
 * @returns {Promise<import("../report.mjs").Report>}
 */
export async function run({ full, ledger, done }) {
  const { REBUILD_INTERVAL_MS } = await importBundled("schema/limits.ts");
  const ms = full ? FULL_MS : QUICK_MS;
  const subjects = await startSubjects(["wall", "wall-deaf"], ledger);
  try {
    const told = await ages(subjects.url("wall"), PER_MINUTE, ms, (share) =>
      done(share / 2, "with notices"),
    );
    const deaf = await ages(subjects.url("wall-deaf"), PER_MINUTE, ms, (share) =>
      done((1 + share) / 2, "every notice lost"),
    );
    return {
      tables: [
        {
          title: `Acknowledgement to first read, ms: ${PER_MINUTE} messages a minute, ${READERS} readers, each every ${READ_MS} ms`,
          columns: ["", "messages", "p50", "p99", "max", "never seen"],
          rows: [row("wall", told), row("wall, every notice lost", deaf)],
        },
      ],
      targets: [
        { what: "p50", value: percentile(told.ages, 0.5), unit: "ms", atMost: 600 },
        { what: "p99", value: percentile(told.ages, 0.99), unit: "ms", atMost: 1_200 },
        { what: "max", value: Math.max(...told.ages), unit: "ms", atMost: 3_000 },
        {
          what: "max, every notice lost: two rebuilds",
          value: Math.max(...deaf.ages),
          unit: "ms",
          atMost: 2 * REBUILD_INTERVAL_MS,
        },
        { what: "never seen", value: told.unseen + deaf.unseen, atMost: 0 },
      ],
      samples: { told, deaf },
      notes: [
        "With notices lost, production is bounded by KV's lists, a minute and more; the local KV lists a key at once.",
      ],
    };
  } finally {
    await subjects.stop();
  }
}

/**
 * @param {string} name
 * @param {Awaited<ReturnType<typeof ages>>} measured
 */
function row(name, { ages: all, unseen }) {
  return [name, all.length, percentile(all, 0.5), percentile(all, 0.99), Math.max(...all), unseen];
}

/**
 * The ages of messages when each reader first saw them, in ms.
 * @param {URL} url
 * @param {number} perMinute
 * @param {number} ms
 * @param {(share: number) => void} done
 */
export async function ages(url, perMinute, ms, done) {
  const pool = new Pool(url);
  /** @type {Map<string, number>} */
  const acknowledgedAt = new Map();
  /** @type {Map<string, number>[]} */
  const seen = Array.from({ length: READERS }, () => new Map());
  const { cursor } = await pool.read("/api/comments");
  let isOver = false;
  const reading = seen.map(async (seenAt) => {
    for (let since = cursor; !isOver; ) {
      const read = await pool.read(`/api/comments?since=${since}`);
      const now = performance.now();
      since = read.cursor;
      for (const { id } of read.comments) if (!seenAt.has(id)) seenAt.set(id, now);
      if (!read.more) await delay(READ_MS);
    }
  });
  const readers = Promise.all(reading);
  // Awaited after the last post: until then a rejection has no handler.
  readers.catch(() => {});
  const began = performance.now();
  await pace(perMinute, ms, async (index) => {
    const { body } = await pool.ask(post(`message ${index}`));
    acknowledgedAt.set(JSON.parse(body.toString()).id, performance.now());
    done(Math.min(1, (performance.now() - began) / ms));
  });
  const deadline = performance.now() + LAST_SEEN_MS;
  const isAllSeen = () =>
    seen.every((seenAt) => [...acknowledgedAt.keys()].every((id) => seenAt.has(id)));
  while (!isAllSeen() && performance.now() < deadline) await delay(READ_MS);
  isOver = true;
  await readers;
  pool.close();
  const all = seen.flatMap((seenAt) =>
    // A message seen before its post was answered is as fresh as possible.
    [...acknowledgedAt].flatMap(([id, at]) =>
      seenAt.has(id) ? Math.max(0, (seenAt.get(id) ?? 0) - at) : [],
    ),
  );
  return { ages: all, unseen: READERS * acknowledgedAt.size - all.length };
}
