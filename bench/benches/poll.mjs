// @ts-check
// Reads per second, and their bytes: unchanged, with a busy wall's changes, and in full.
import { Connection } from "../connection.mjs";
import { Pool, pace, post } from "../load.mjs";
import { shown } from "../report.mjs";
import { alternate, ratioOf, spreadOf } from "../rounds.mjs";
import { startSubjects } from "../runtime.mjs";

const QUICK = { rounds: 5, ms: 600, steadyMs: 15_000 };
const FULL = { rounds: 11, ms: 2_000, steadyMs: 60_000 };
const AT_ONCE = 32;
const WINDOW_SIZE = 500;
const BUSY_PER_MINUTE = 1_000;
const PAGE_POLL_MS = 5_000;
const SETTLED_MS = 4_000;
const WALLS = /** @type {const} */ (["wall-alone", "wall", "wall-next"]);
const NAMES = /** @type {const} */ (["floor", "bare-next", ...WALLS]);
const PATH = "/api/comments";
const FORMS = ["idle", "full"];

/**
 * @param {import("../report.mjs").Context} context
 * @returns {Promise<import("../report.mjs").Report>}
 */
export async function run({ full, ledger, done }) {
  const subjects = await startSubjects([...NAMES, "wall-counted"], ledger);
  const watched = subjects.process;
  const options = full ? FULL : QUICK;
  try {
    for (const name of WALLS) await fill(subjects.url(name));
    /** @type {Record<string, Record<string, import("../load.mjs").Round[]>>} */
    const samples = {};
    let rounds = 0;
    const onRound = () => {
      rounds += 1;
      done(rounds / (2 * options.rounds + 2), `${rounds} rounds`);
    };
    for (const form of FORMS) {
      /** @param {string} name a wall */
      const queryOf = async (name) => (form === "idle" ? await cursorOf(subjects.url(name)) : "");
      const wall = await queryOf("wall");
      const body = await bodyOf(subjects.url("wall"), `${PATH}${wall}`);
      for (const name of /** @type {const} */ (["floor", "bare-next"]))
        await put(subjects.url(name), `${PATH}?${form}`, body);
      const paths = {
        floor: `?${form}`,
        "bare-next": `?${form}`,
        "wall-alone": await queryOf("wall-alone"),
        wall,
        "wall-next": await queryOf("wall-next"),
      };
      const pressed = Object.fromEntries(
        Object.entries(paths).map(([name, query]) => [
          name,
          { url: subjects.url(name), request: () => ({ method: "GET", path: `${PATH}${query}` }) },
        ]),
      );
      samples[form] = await alternate(pressed, { ...options, atOnce: AT_ONCE, watched, onRound });
    }
    const idle = await cursorOf(subjects.url("wall"));
    const unchanged = await unchangedBytes(subjects.url("wall"), `${PATH}${idle}`);
    const steady = await steadily(subjects, options.steadyMs);
    done(1, "steady");
    return {
      tables: [...Object.entries(samples).map(table), steadyTable(steady)],
      targets: targets(samples, steady, unchanged),
      samples: { ...samples, steady, unchanged },
    };
  } finally {
    await subjects.stop();
  }
}

/** @param {[string, Record<string, import("../load.mjs").Round[]>]} samples */
function table([form, measured]) {
  return {
    title: `Reads, ${form}, ${AT_ONCE} at once: median (min–max) of the rounds; ratios round by round`,
    columns: [
      "subject",
      "reads/s",
      "p50 ms",
      "p99 ms",
      "CPU ms each",
      "bytes on the wire",
      "× floor",
      "× bare-next",
      "CPU × floor",
    ],
    rows: NAMES.map((name) => [
      name,
      ...["perSecond", "p50Ms", "p99Ms", "cpuMsEach", "wireBytesEach"].map((figure) =>
        shown(spreadOf(measured, figure, name)),
      ),
      shown(ratioOf(measured, "perSecond", name, "floor")),
      shown(ratioOf(measured, "perSecond", name, "bare-next")),
      shown(ratioOf(measured, "cpuMsEach", name, "floor")),
    ]),
  };
}

/** @param {Awaited<ReturnType<typeof steadily>>} steady */
function steadyTable({ polls, bytes, newBytes, storage }) {
  return {
    title: `One reader every ${PAGE_POLL_MS / 1_000} s at ${BUSY_PER_MINUTE} messages a minute`,
    columns: [
      "polls",
      "bytes on the wire",
      "bytes of the new messages",
      "ratio",
      "KV operations beyond posts and rebuilds",
    ],
    rows: [[polls, bytes, newBytes, bytes / newBytes, storage]],
  };
}

/**
 * @param {Record<string, Record<string, import("../load.mjs").Round[]>>} samples
 * @param {Awaited<ReturnType<typeof steadily>>} steady
 * @param {number} unchanged bytes
 */
function targets(samples, { bytes, newBytes, storage }, unchanged) {
  const ratios = Object.entries(samples).flatMap(([form, measured]) => [
    {
      what: `${form}: Worker alone / floor`,
      value: ratioOf(measured, "perSecond", "wall-alone", "floor").median,
      atLeast: 0.8,
    },
    {
      what: `${form}: whole / bare-next`,
      value: ratioOf(measured, "perSecond", "wall", "bare-next").median,
      atLeast: 0.9,
    },
  ]);
  return [
    {
      what: "an idle poll as browsers send it, with headers",
      value: unchanged,
      unit: "bytes",
      atMost: 400,
    },
    ...ratios,
    { what: "steady: bytes / new messages' bytes", value: bytes / newBytes, atMost: 1.3 },
    { what: "storage operations of polls", value: storage, atMost: 0 },
  ];
}

/**
 * A busy wall and one reader: the bytes on the wire, and the storage operations beyond posts and
 * rebuilds.
 * @param {import("../runtime.mjs").Subjects} subjects
 * @param {number} ms
 */
async function steadily(subjects, ms) {
  const pool = new Pool(subjects.url("wall-counted"));
  const inside = new Pool(subjects.url("wall-counted/worker"));
  let cursor = (await pool.read(PATH)).cursor;
  let [polls, bytes, newBytes, posts, isOver] = [0, 0, 0, 0, false];
  const reader = async () => {
    while (!isOver) {
      await new Promise((later) => setTimeout(later, PAGE_POLL_MS));
      const answer = await pool.ask({ method: "GET", path: `${PATH}?since=${cursor}` });
      const read = JSON.parse(answer.body.toString());
      cursor = read.cursor;
      polls += 1;
      bytes += answer.wireBytes;
      for (const comment of read.comments) newBytes += Buffer.byteLength(JSON.stringify(comment));
    }
  };
  const reading = reader();
  await pace(BUSY_PER_MINUTE, ms, async (index) => {
    await pool.ask(post(`message ${index} of a busy wall, about as long as people write them`));
    posts += 1;
  });
  isOver = true;
  await reading;
  const { main } = await inside.read("/counts");
  const { operations } = await pool.read("/api/status");
  const puts = (main.kv_write ?? 0) - posts - (operations.kv_write ?? 0);
  const lists = (main.kv_list ?? 0) - (operations.kv_list ?? 0);
  const keys = (main.kv_key_read ?? 0) - (operations.kv_key_read ?? 0);
  pool.close();
  inside.close();
  return { polls, bytes, newBytes, storage: Math.abs(puts) + Math.abs(lists) + Math.abs(keys) };
}

/** @param {URL} url a wall, filled with one window of messages, then unchanged */
async function fill(url) {
  const pool = new Pool(url);
  for (let index = 0; index < WINDOW_SIZE; index += 1)
    await pool.ask(post(`message ${index}, about as long as people write them on a wall`));
  while ((await pool.read(PATH)).comments.length < WINDOW_SIZE);
  await new Promise((later) => setTimeout(later, SETTLED_MS));
  pool.close();
}

/** @param {URL} url */
async function cursorOf(url) {
  return `?since=${JSON.parse((await bodyOf(url, PATH)).toString()).cursor}`;
}

/**
 * The size of the answer to a poll with an ETag, which a browser's cache sends by itself.
 * @param {URL} url
 * @param {string} path
 */
async function unchangedBytes(url, path) {
  const connection = new Connection(url);
  const { headers } = await connection.send("GET", path);
  const [, tag = ""] = /\r\netag: *([^\r]+)/i.exec(headers) ?? [];
  const { status, wireBytes } = await connection.send("GET", path, {
    headers: { "If-None-Match": tag },
  });
  connection.close();
  if (status !== 304) throw new Error(`an unchanged wall answered ${status}`);
  return wireBytes;
}

/**
 * @param {URL} url
 * @param {string} path
 */
async function bodyOf(url, path) {
  const connection = new Connection(url);
  const { body } = await connection.send("GET", path);
  connection.close();
  return body;
}

/**
 * @param {URL} url
 * @param {string} path
 * @param {Buffer} body
 */
async function put(url, path, body) {
  const connection = new Connection(url);
  await connection.send("PUT", path, { body });
  connection.close();
}
