// @ts-check
// A very busy wall for a long time.

import { median, percentile } from "../../scripts/command/statistics.mjs";
import { Pool, pace } from "../load.mjs";
import { startSubjects } from "../runtime.mjs";
import { ages } from "./fresh.mjs";

const PER_MINUTE = 10_000;
const POLLERS = 500;
const POLLS_PER_MINUTE = 12;
const MS = { quick: 60_000, full: 600_000 };
const SAMPLE_MS = 5_000;
const MB = 1_000_000;

/**
 * @param {import("../report.mjs").Context} context
 * @returns {Promise<import("../report.mjs").Report>}
 */
export async function run({ full, ledger, done }) {
  const ms = full ? MS.full : MS.quick;
  const subjects = await startSubjects(["wall"], ledger);
  const pool = new Pool(subjects.url("wall"));
  try {
    let { cursor } = await pool.read("/api/comments");
    /** @type {number[]} */
    const memory = [];
    const watching = setInterval(() => memory.push(subjects.process.memoryBytes() / MB), SAMPLE_MS);
    const [measured] = await Promise.all([
      ages(subjects.url("wall"), PER_MINUTE, ms, (share) => done(share, "soaking")),
      pace(POLLERS * POLLS_PER_MINUTE, ms, async () => {
        ({ cursor } = await pool.read(`/api/comments?since=${cursor}`));
      }),
    ]);
    clearInterval(watching);
    const third = Math.floor(memory.length / 3);
    const [middle, last] = [
      median(memory.slice(third, 2 * third)),
      median(memory.slice(2 * third)),
    ];
    return {
      tables: [
        {
          title: `${PER_MINUTE.toLocaleString("en")} messages a minute and ${POLLERS} pollers for ${ms / 60_000} minutes`,
          columns: [
            "ages measured",
            "never seen",
            "fresh p50 ms",
            "fresh p99 ms",
            "memory, middle third, MB",
            "memory, last third, MB",
          ],
          rows: [
            [
              measured.ages.length,
              measured.unseen,
              percentile(measured.ages, 0.5),
              percentile(measured.ages, 0.99),
              middle,
              last,
            ],
          ],
        },
      ],
      targets: [
        { what: "never seen", value: measured.unseen, atMost: 0 },
        { what: "fresh p99", value: percentile(measured.ages, 0.99), unit: "ms", atMost: 3_000 },
        { what: "memory, last third / middle third", value: last / middle, atMost: 1.2 },
      ],
      samples: { ...measured, memory },
    };
  } finally {
    pool.close();
    await subjects.stop();
  }
}
