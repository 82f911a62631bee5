// @ts-check
// Reads of the rebuilder as the number of polls grows.
import { Pool, pace } from "../load.mjs";
import { startSubjects } from "../runtime.mjs";

const POLLERS = { quick: [10, 100, 1_000], full: [10, 100, 1_000, 10_000] };
const MS = { quick: 10_000, full: 30_000 };
const POLLS_PER_MINUTE = 12;

/**
 * @param {import("../report.mjs").Context} context
 * @returns {Promise<import("../report.mjs").Report>}
 */
export async function run({ full, ledger, done }) {
  const pollers = full ? POLLERS.full : POLLERS.quick;
  const ms = full ? MS.full : MS.quick;
  const subjects = await startSubjects(["wall"], ledger);
  const pool = new Pool(subjects.url("wall"));
  const syncs = async () => (await pool.read("/api/status")).operations.sync ?? 0;
  try {
    let { cursor } = await pool.read("/api/comments");
    const samples = [];
    for (const count of pollers) {
      const before = await syncs();
      const began = performance.now();
      let polls = 0;
      await pace(count * POLLS_PER_MINUTE, ms, async () => {
        ({ cursor } = await pool.read(`/api/comments?since=${cursor}`));
        polls += 1;
      });
      const seconds = (performance.now() - began) / 1_000;
      samples.push({ count, polls: polls / seconds, syncs: ((await syncs()) - before) / seconds });
      done(samples.length / pollers.length, `${count} pollers`);
    }
    return {
      tables: [
        {
          title: "Reads of the rebuilder by one isolate in one data centre",
          columns: ["pollers' worth", "polls a second", "reads of the rebuilder a second"],
          rows: samples.map(({ count, polls, syncs: read }) => [
            count.toLocaleString("en"),
            polls,
            read,
          ]),
        },
      ],
      targets: samples.map(({ count, syncs: read }) => ({
        what: `reads of the rebuilder a second at ${count.toLocaleString("en")} pollers`,
        value: read,
        atMost: 1.5,
      })),
      samples,
    };
  } finally {
    pool.close();
    await subjects.stop();
  }
}
