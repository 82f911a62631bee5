// @ts-check
// Counts acknowledged messages that are missing later, after many writers wrote at once.
import { ConnectionClosed } from "../connection.mjs";
import { Pool, post } from "../load.mjs";
import { startSubjects } from "../runtime.mjs";

const WRITERS = 32;
/** Messages of each writer. */
const EACH = { quick: 100, full: 1_000 };
/** All writers' messages fit in `rewrite-cache`'s array, so none is missing because it is old. */
const EACH_OF_ARRAY = 100;
const HISTORY_PAGE = 100;
const AGAIN_MAX = 5;

/**
 * @param {import("../report.mjs").Context} context
 * @returns {Promise<import("../report.mjs").Report>}
 */
export async function run({ full, ledger, done }) {
  const subjects = await startSubjects(["wall", "rewrite-cache"], ledger);
  const each = full ? EACH.full : EACH.quick;
  try {
    const wall = await measure(subjects.url("wall"), each, textsOfWall, (share) =>
      done(share / 2, "wall"),
    );
    const array = await measure(
      subjects.url("rewrite-cache"),
      EACH_OF_ARRAY,
      textsOfArray,
      (share) => done((1 + share) / 2, "rewrite-cache"),
    );
    return {
      tables: [
        {
          title: `${WRITERS} writers at once`,
          columns: ["subject", "acknowledged", "sent again", "missing afterwards", "read twice"],
          rows: [
            ["wall", wall.acknowledged, wall.again, wall.missing, wall.doubled],
            ["rewrite-cache", array.acknowledged, array.again, array.missing, array.doubled],
          ],
        },
      ],
      targets: [
        { what: "acknowledged and missing", value: wall.missing, atMost: 0 },
        { what: "read twice", value: wall.doubled, atMost: 0 },
      ],
      samples: { wall, array },
    };
  } finally {
    await subjects.stop();
  }
}

/**
 * @param {URL} url
 * @param {number} each
 * @param {(pool: Pool) => Promise<string[]>} read the texts of all messages
 * @param {(share: number) => void} done
 */
async function measure(url, each, read, done) {
  const pool = new Pool(url);
  /** @type {string[]} */
  const acknowledged = [];
  let again = 0;
  await Promise.all(
    Array.from({ length: WRITERS }, async (_, writer) => {
      for (let index = 0; index < each; index += 1) {
        const text = `writer ${writer}, message ${index}`;
        again += await persist(pool, text, `writer-${writer}-${index}`);
        acknowledged.push(text);
        done(acknowledged.length / (WRITERS * each));
      }
    }),
  );
  const texts = await read(pool);
  pool.close();
  const present = new Set(texts);
  return {
    acknowledged: acknowledged.length,
    again,
    missing: acknowledged.filter((text) => !present.has(text)).length,
    doubled: texts.length - present.size,
  };
}

/**
 * Posts as the page does: if a post may not have arrived, it is sent again with the same nonce. That
 * happens: a server whose only thread was busy for seconds has closed connections that waited for
 * answers.
 * @param {Pool} pool
 * @param {string} text
 * @param {string} nonce
 * @returns {Promise<number>} number of retries
 */
async function persist(pool, text, nonce) {
  const request = post(text, nonce);
  for (let again = 0; ; again += 1) {
    try {
      await pool.ask(request);
      return again;
    } catch (error) {
      if (!(error instanceof ConnectionClosed) || again === AGAIN_MAX) throw error;
    }
  }
}

/**
 * Reads the whole wall, back to its first message, without a time limit.
 * @param {Pool} pool
 */
async function textsOfWall(pool) {
  let { comments } = await pool.read("/api/comments");
  /** @type {{ id: string, text: string }[]} */
  const all = [...comments];
  for (let before = all.at(-1)?.id ?? null; before; ) {
    // Only for the headers, with another client's address.
    const { headers } = post("");
    const path = `/api/comments?before=${before}&limit=${HISTORY_PAGE}`;
    const answer = await pool.ask({ method: "GET", path, ...(headers && { headers }) });
    ({ comments, nextBefore: before } = JSON.parse(answer.body.toString()));
    all.push(...comments);
  }
  return all.map(({ text }) => text);
}

/** @param {Pool} pool */
async function textsOfArray(pool) {
  /** @type {{ text: string }[]} */
  const all = await pool.read("/");
  return all.map(({ text }) => text);
}
