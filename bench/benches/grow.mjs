// @ts-check
// One rebuild at ever more stored comments.
import { Pool } from "../load.mjs";
import { shown } from "../report.mjs";
import { startSubjects } from "../runtime.mjs";
import { median, spread } from "../statistics.mjs";

const SIZES = { quick: [1_000, 10_000], full: [1_000, 10_000, 100_000] };
const REBUILDS = 30;
const KEYS_AT_ONCE = 1_000;
const LAST_TIMESTAMP = 9_999_999_999_999;
const BEGAN = Date.UTC(2026, 0, 1);
const SUFFIX_LENGTH = 10;

/**
 * @param {import("../report.mjs").Context} context
 * @returns {Promise<import("../report.mjs").Report>}
 */
export async function run({ full, ledger, done }) {
  const sizes = full ? SIZES.full : SIZES.quick;
  const largest = sizes.at(-1) ?? 0;
  const subjects = await startSubjects(["wall-counted"], ledger);
  const pool = new Pool(subjects.url("wall-counted/worker"));
  const ask = (/** @type {string} */ path) => pool.read(path);
  try {
    /** @type {{ size: number, ms: number[], operations: Record<string, number> }[]} */
    const samples = [];
    let stored = 0;
    for (const size of sizes) {
      for (; stored < size; stored += KEYS_AT_ONCE) {
        await pool.ask({ method: "PUT", path: "/", body: lines(stored, stored + KEYS_AT_ONCE) });
        done((stored / largest) * 0.9, `${stored} stored`);
      }
      // What is new is read by the first few, and then published; what follows is the steady state.
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
      samples.push({
        size,
        ms,
        operations: Object.fromEntries(kinds.map((kind) => [kind, each(kind)])),
      });
    }
    const [first] = samples;
    return {
      tables: [
        {
          title: `One rebuild with nothing new: median (least–most) of ${REBUILDS}`,
          columns: ["stored comments", "ms", "lists", "keys read", "puts"],
          rows: samples.map(({ size, ms, operations }) => [
            size.toLocaleString("en"),
            shown(spread(ms)),
            ...Object.values(operations),
          ]),
        },
      ],
      targets: samples.slice(1).map(({ size, ms }) => ({
        what: `time at ${size.toLocaleString("en")} / at ${first?.size.toLocaleString("en")}`,
        value: median(ms) / median(first?.ms ?? []),
        atMost: 1.5,
      })),
      samples,
      notes: [
        "The wall's own beat, every 3 s, goes on meanwhile: a rebuild of its is counted now and then.",
      ],
    };
  } finally {
    pool.close();
    await subjects.stop();
  }
}

/**
 * Keys as the ledger has them, each newer than those before.
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
