// @ts-check
// One rebuild at ever more stored comments, beside one that reads 500 keys one by one.
import { importBundled } from "../../scripts/command/bundle.mjs";
import { median, spread } from "../../scripts/command/statistics.mjs";
import { Pool } from "../load.mjs";
import { shown } from "../report.mjs";
import { startSubjects } from "../runtime.mjs";

const SIZES = { quick: [1_000, 10_000], full: [1_000, 10_000, 100_000] };
const SIMULATED = { quick: [1_000, 100_000], full: [1_000, 1_000_000] };
const REBUILDS = 30;
const NAIVE_REBUILDS = 5;
const KEYS_AT_ONCE = 1_000;
const LAST_TIMESTAMP = 9_999_999_999_999;
const BEGAN = Date.UTC(2026, 0, 1);
const SUFFIX_LENGTH = 10;

/** @typedef {{ ms: number, lists: number, reads: number, puts: number }} Naive */

/**
 * @param {import("../report.mjs").Context} context
 * @returns {Promise<import("../report.mjs").Report>}
 */
export async function run({ full, ledger, done }) {
  const sizes = full ? SIZES.full : SIZES.quick;
  const largest = sizes.at(-1) ?? 0;
  const subjects = await startSubjects(["wall-counted", "naive-timer"], ledger);
  const pool = new Pool(subjects.url("wall-counted/worker"));
  const naivePool = new Pool(subjects.url("naive-timer"));
  const ask = (/** @type {string} */ path) => pool.read(path);
  try {
    /** @type {{ size: number, ms: number[], operations: Record<string, number>, naive: Naive[] }[]} */
    const samples = [];
    let stored = 0;
    for (const size of sizes) {
      for (; stored < size; stored += KEYS_AT_ONCE) {
        await pool.ask({ method: "PUT", path: "/", body: lines(stored, stored + KEYS_AT_ONCE) });
        done((stored / largest) * 0.9, `${stored} stored`);
      }
      // The first few rebuilds read and publish new keys; after them the state is steady.
      for (let times = 0; times < 10; times += 1) await ask("/rebuildNow");
      await new Promise((later) => setTimeout(later, 4_000));
      await ask("/rebuildNow");
      const before = (await ask("/counts")).main;
      const ms = [];
      for (let times = 0; times < REBUILDS; times += 1) ms.push(await ask("/rebuildNow"));
      const after = (await ask("/counts")).main;
      const kinds = ["kv_list", "kv_key_read", "kv_write"];
      const each = (/** @type {string} */ kind) =>
        ((after[kind] ?? 0) - (before[kind] ?? 0)) / REBUILDS;
      /** @type {Naive[]} */
      const naive = [];
      for (let times = 0; times < NAIVE_REBUILDS; times += 1) naive.push(await naivePool.read("/"));
      const operations = Object.fromEntries(kinds.map((kind) => [kind, each(kind)]));
      samples.push({ size, ms, operations, naive });
    }
    done(0.95, "in simulation");
    const simulated = await inSimulation(full ? SIMULATED.full : SIMULATED.quick);
    return {
      tables: [
        {
          title: `One rebuild with nothing new: median (min–max) of ${REBUILDS}`,
          columns: ["stored comments", "ms", "lists", "keys read", "puts"],
          rows: samples.map(({ size, ms, operations }) => [
            size.toLocaleString("en"),
            shown(spread(ms)),
            ...Object.values(operations),
          ]),
        },
        {
          title: `The same for naive-timer: median (min–max) of ${NAIVE_REBUILDS}`,
          columns: ["stored comments", "ms", "lists", "keys read", "puts", "times the wall's"],
          rows: samples.map(({ size, ms, naive }) => {
            const its = naive.map((rebuilt) => rebuilt.ms);
            const { lists = 0, reads = 0, puts = 0 } = naive[0] ?? {};
            const times = (median(its) / median(ms)).toFixed(1);
            return [size.toLocaleString("en"), shown(spread(its)), lists, reads, puts, times];
          }),
        },
        {
          title: `An alarm in simulation, with nothing new: median (min–max) of ${REBUILDS}`,
          columns: ["stored comments", "ms", "KV operations"],
          rows: simulated.map(({ size, ms, operations }) => [
            size.toLocaleString("en"),
            shown(spread(ms)),
            median(operations),
          ]),
        },
      ],
      targets: [
        ...samples.slice(1).map(({ size, ms }) => growth(size, ms, samples[0])),
        ...simulated.slice(1).map(({ size, ms }) => {
          const target = growth(size, ms, simulated[0]);
          return { ...target, what: `${target.what}, in simulation` };
        }),
      ],
      samples: { workerd: samples, simulated },
      notes: [
        "The wall's own alarm, every 3 s, keeps running: occasionally one of its rebuilds is counted too.",
      ],
    };
  } finally {
    pool.close();
    naivePool.close();
    await subjects.stop();
  }
}

/**
 * @param {number} size
 * @param {number[]} ms
 * @param {{ size: number, ms: number[] } | undefined} first
 * @returns {import("../report.mjs").Target}
 */
function growth(size, ms, first) {
  return {
    what: `time at ${size.toLocaleString("en")} / at ${first?.size.toLocaleString("en")}`,
    value: median(ms) / median(first?.ms ?? []),
    atMost: 1.5,
  };
}

/**
 * The local runtime can't hold a store this large; the simulation's KV keeps it in memory.
 * @param {readonly number[]} sizes
 */
async function inSimulation(sizes) {
  /** @type {typeof import("../../sim/beats")} */
  const { beatCosts } = await importBundled("sim/beats.ts");
  const samples = [];
  for (const size of sizes) {
    const costs = await beatCosts(size, REBUILDS);
    const ms = costs.map((cost) => cost.ms);
    samples.push({ size, ms, operations: costs.map(({ operations }) => operations) });
  }
  return samples;
}

/**
 * Keys as the ledger writes them, each newer than the one before.
 * @param {number} from
 * @param {number} until
 */
function lines(from, until) {
  return Array.from({ length: until - from }, (_, offset) => {
    const timestamp = BEGAN + (from + offset) * 1_000;
    const id = `${timestamp}-${String(from + offset).padStart(SUFFIX_LENGTH, "0")}`;
    const comment = {
      id,
      timestamp,
      text: `message ${from + offset}`,
      username: "anonymous",
      color: "#aabbcc",
      type: "human",
      botParams: { processed: true },
      sequence: 0,
    };
    return `comment:${LAST_TIMESTAMP - timestamp}:${id}\t${JSON.stringify(comment)}`;
  }).join("\n");
}
