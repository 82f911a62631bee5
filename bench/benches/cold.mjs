// @ts-check
// The first reads after the rebuilder lost its memory.
import { setTimeout as delay } from "node:timers/promises";
import { spread } from "../../scripts/command/statistics.mjs";
import { Pool, post } from "../load.mjs";
import { shown } from "../report.mjs";
import { startSubjects } from "../runtime.mjs";

const TIMES = { quick: 3, full: 10 };
const MESSAGES = 1_000;
const WATCHED_MS = 4_000;
const READ_MS = 50;
/** Replicas serve for this long: after it a read reaches the rebuilder. */
const HELD_MS = 1_500;
const STORAGE = ["kv_list", "kv_key_read", "kv_write"];

/**
 * @param {import("../report.mjs").Context} context
 * @returns {Promise<import("../report.mjs").Report>}
 */
export async function run({ full, ledger, done }) {
  const times = full ? TIMES.full : TIMES.quick;
  const subjects = await startSubjects(["wall-counted"], ledger);
  const pool = new Pool(subjects.url("wall-counted"));
  const inside = new Pool(subjects.url("wall-counted/worker"));
  const storageSoFar = async () => {
    const { main } = await inside.read("/counts");
    return STORAGE.reduce((sum, kind) => sum + (main[kind] ?? 0), 0);
  };
  try {
    for (let index = 0; index < MESSAGES; index += 1) await pool.ask(post(`message ${index}`));
    await delay(WATCHED_MS);
    /** @type {{ ms: number, operations: number, refused: number, slowest: number, shown: number }[]} */
    const samples = [];
    for (let time = 0; time < times; time += 1) {
      await delay(HELD_MS);
      const before = await storageSoFar();
      await inside.ask({ method: "GET", path: "/loseMemory" }).catch(() => {});
      const sentAt = performance.now();
      const first = await pool.read("/api/comments");
      const ms = performance.now() - sentAt;
      const operations = (await storageSoFar()) - before;
      let [refused, slowest] = [0, ms];
      for (const end = performance.now() + WATCHED_MS; performance.now() < end; ) {
        const askedAt = performance.now();
        await pool.read("/api/comments").catch(() => {
          refused += 1;
        });
        slowest = Math.max(slowest, performance.now() - askedAt);
        await delay(READ_MS);
      }
      samples.push({ ms, operations, refused, slowest, shown: first.comments.length });
      done((time + 1) / times, "memory lost");
    }
    const of = (/** @type {(sample: typeof samples[number]) => number} */ figure) =>
      spread(samples.map(figure));
    return {
      tables: [
        {
          title: `The first read after the rebuilder lost its memory, ${MESSAGES} messages stored; ${times} times, median (min–max)`,
          columns: [
            "ms",
            "KV operations",
            "messages returned",
            "slowest read after it, ms",
            "reads refused",
          ],
          rows: [
            [
              shown(of(({ ms }) => ms)),
              shown(of(({ operations }) => operations)),
              shown(of((s) => s.shown)),
              shown(of(({ slowest }) => slowest)),
              shown(of(({ refused }) => refused)),
            ],
          ],
        },
      ],
      targets: [
        {
          what: "operations until the first read",
          value: of(({ operations }) => operations).most,
          atMost: 10,
        },
        { what: "reads refused", value: of(({ refused }) => refused).most, atMost: 0 },
      ],
      samples,
    };
  } finally {
    pool.close();
    inside.close();
    await subjects.stop();
  }
}
