// @ts-check
// Posts per second, at 1, 8 and 32 at once.
import { Connection } from "../connection.mjs";
import { post } from "../load.mjs";
import { shown } from "../report.mjs";
import { pressRoom } from "../room-client.mjs";
import { alternate, ratioOf, spreadOf } from "../rounds.mjs";
import { startSubjects } from "../runtime.mjs";

const AT_ONCE = [1, 8, 32];
const QUICK = { rounds: 5, ms: 600 };
const FULL = { rounds: 11, ms: 2_000 };
/** The length of `rewrite-cache`'s array during the measurement. */
const ARRAY_SIZE = 5_000;
const NAMES = /** @type {const} */ ([
  "floor",
  "bare-next",
  "wall-alone",
  "wall",
  "wall-next",
  "rewrite-cache",
  "socket-room",
]);
const TEXT = "A message as people write them, of about seventy characters or so, I guess.";

/**
 * @param {import("../report.mjs").Context} context
 * @returns {Promise<import("../report.mjs").Report>}
 */
export async function run({ full, ledger, done }) {
  const subjects = await startSubjects(NAMES, ledger);
  const watched = subjects.process;
  try {
    await fillArray(subjects.url("rewrite-cache"));
    /** @type {Record<string, import("../rounds.mjs").Subject>} */
    const pressed = Object.fromEntries(
      NAMES.map((name) => [name, { url: subjects.url(name), request: () => post(TEXT) }]),
    );
    pressed["socket-room"] = {
      url: subjects.url("socket-room"),
      request: () => post(TEXT),
      press: (atOnce, ms) => pressRoom(subjects.url("socket-room"), { atOnce, ms, watched }),
    };
    const options = full ? FULL : QUICK;
    const all = AT_ONCE.length * options.rounds;
    let rounds = 0;
    const onRound = () => {
      rounds += 1;
      done(rounds / all, `${rounds} of ${all} rounds`);
    };
    /** @type {Record<string, Record<string, import("../load.mjs").Round[]>>} */
    const samples = {};
    for (const atOnce of AT_ONCE)
      samples[atOnce] = await alternate(pressed, { ...options, atOnce, watched, onRound });
    return { tables: Object.entries(samples).map(table), targets: targets(samples), samples };
  } finally {
    await subjects.stop();
  }
}

/** @param {[string, Record<string, import("../load.mjs").Round[]>]} samples */
function table([atOnce, measured]) {
  return {
    title: `Posts, ${atOnce} at once: median (min–max) of the rounds; ratios round by round`,
    columns: [
      "subject",
      "posts/s",
      "p50 ms",
      "p99 ms",
      "CPU ms each",
      "× floor",
      "× bare-next",
      "CPU × floor",
    ],
    rows: NAMES.map((name) => [
      name,
      ...["perSecond", "p50Ms", "p99Ms", "cpuMsEach"].map((figure) =>
        shown(spreadOf(measured, figure, name)),
      ),
      shown(ratioOf(measured, "perSecond", name, "floor")),
      shown(ratioOf(measured, "perSecond", name, "bare-next")),
      shown(ratioOf(measured, "cpuMsEach", name, "floor")),
    ]),
  };
}

/** @param {Record<string, Record<string, import("../load.mjs").Round[]>>} samples */
function targets(samples) {
  return Object.entries(samples).flatMap(([atOnce, measured]) => {
    const ratioTo = (/** @type {string} */ name, /** @type {string} */ other) =>
      ratioOf(measured, "perSecond", name, other).median;
    return [
      {
        what: `Worker alone / floor, ${atOnce} at once`,
        value: ratioTo("wall-alone", "floor"),
        atLeast: 0.85,
      },
      {
        what: `whole / bare-next, ${atOnce} at once`,
        value: ratioTo("wall", "bare-next"),
        atLeast: 0.9,
      },
      {
        what: `whole / rewrite-cache, ${atOnce} at once`,
        value: ratioTo("wall", "rewrite-cache"),
        atLeast: 5,
      },
    ];
  });
}

/** @param {URL} url */
async function fillArray(url) {
  const comment = JSON.parse(post(TEXT).body ?? "");
  const comments = Array.from({ length: ARRAY_SIZE }, (_, id) => ({ id, ...comment }));
  const connection = new Connection(url);
  await connection.send("PUT", "/", { body: JSON.stringify(comments) });
  connection.close();
}
