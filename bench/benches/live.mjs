// @ts-check
// The live channel: from a message's acknowledgement to every open socket, and posts a second over it.
import { setTimeout as delay } from "node:timers/promises";
import { percentile } from "../../scripts/command/statistics.mjs";
import { newNonce, openMembers, pressMembers } from "../channels.mjs";
import { Pool, post } from "../load.mjs";
import { shown } from "../report.mjs";
import { alternate, ratioOf, spreadOf } from "../rounds.mjs";
import { startSubjects } from "../runtime.mjs";

const SOCKETS = { quick: [1, 100, 1_000], full: [1, 100, 1_000, 5_000] };
const POSTS = { quick: 15, full: 40 };
const ROUNDS = { quick: 3, full: 7 };
const ROUND_MS = { quick: 1_500, full: 4_000 };
const SENDERS = 16;
/** Each post gets a frame of its own, as the hub grows its interval with the number of sockets. */
const GAP_MIN_MS = 150;
const GAP_MS_PER_SOCKET = 0.25;
const SETTLE_MS = 500;
const BYTES_PER_KB = 1_024;
const US_PER_MS = 1_000;

/** @typedef {{ subject: string, sockets: number, latencies: number[], sinceSent: number[], cpuMsEach: number, kbEach: number }} Sample */

/**
 * @param {import("../report.mjs").Context} context
 * @returns {Promise<import("../report.mjs").Report>}
 */
export async function run({ full, ledger, done }) {
  const counts = full ? SOCKETS.full : SOCKETS.quick;
  const posts = full ? POSTS.full : POSTS.quick;
  const subjects = await startSubjects(["wall-live", "socket-room"], ledger);
  try {
    /** @type {Sample[]} */
    const samples = [];
    for (const [index, sockets] of counts.entries()) {
      done((index / counts.length) * 0.7, `${sockets.toLocaleString("en")} sockets`);
      samples.push(await wallSample(subjects, sockets, posts));
      samples.push(await roomSample(subjects, sockets, posts));
    }
    const pressed = await press(subjects, ledger, full, (round, of) =>
      done(0.7 + (0.3 * round) / of, "posts"),
    );
    return { ...reported(samples, pressed, ledger), samples: { samples, pressed } };
  } finally {
    await subjects.stop();
  }
}

/**
 * Posts over HTTP, one at a time; every socket waits for each.
 * @param {import("../runtime.mjs").Subjects} subjects
 * @param {number} sockets
 * @param {number} posts
 */
async function wallSample(subjects, sockets, posts) {
  const url = subjects.url("wall-live");
  const pool = new Pool(url);
  const { cursor } = await pool.read("/api/comments?limit=1");
  const sample = await fannedOut(subjects, "wall-live", sockets, posts, {
    open: () => openMembers(url, sockets, { since: cursor }),
    send: async (nonce) => {
      await pool.ask(post(`message ${nonce}`, nonce));
      return { nonce, at: performance.now() };
    },
  });
  pool.close();
  return sample;
}

/**
 * A further member of the room posts; its own copy is its acknowledgement.
 * @param {import("../runtime.mjs").Subjects} subjects
 * @param {number} sockets
 * @param {number} posts
 */
async function roomSample(subjects, sockets, posts) {
  const url = subjects.url("socket-room");
  const [sender] = await openMembers(url, 1);
  const sample = await fannedOut(subjects, "socket-room", sockets, posts, {
    open: () => openMembers(url, sockets),
    send: async (nonce) => /** @type {any} */ (await sender?.post(nonce)),
  });
  sender?.close();
  return sample;
}

/**
 * @param {import("../runtime.mjs").Subjects} subjects
 * @param {string} subject
 * @param {number} sockets
 * @param {number} posts
 * @param {{ open: () => Promise<import("../channels.mjs").ChannelMember[]>, send: (nonce: string) => Promise<{ nonce: string, at: number }> }} way
 * @returns {Promise<Sample>}
 */
async function fannedOut(subjects, subject, sockets, posts, { open, send }) {
  const { process: watched } = subjects;
  const memoryBefore = watched.memoryBytes();
  const members = await open();
  await delay(SETTLE_MS);
  const kbEach = (watched.memoryBytes() - memoryBefore) / BYTES_PER_KB / sockets;
  /** @type {number[]} */
  const latencies = [];
  /** The room acknowledges nothing: its sender's own copy comes with all others. @type {number[]} */
  const sinceSent = [];
  const cpuBefore = watched.cpuMs();
  for (let sent = 0; sent < posts; sent += 1) {
    const nonce = newNonce();
    const heard = members.map((member) => member.hears(nonce));
    const sentAt = performance.now();
    const { at } = await send(nonce);
    for (const arrived of await Promise.all(heard)) {
      latencies.push(Math.max(0, arrived - at));
      sinceSent.push(arrived - sentAt);
    }
    await delay(Math.max(GAP_MIN_MS, sockets * GAP_MS_PER_SOCKET));
  }
  const cpuMsEach = (watched.cpuMs() - cpuBefore) / posts;
  for (const member of members) member.close();
  await delay(SETTLE_MS);
  return { subject, sockets, latencies, sinceSent, cpuMsEach, kbEach };
}

/**
 * @param {import("../runtime.mjs").Subjects} subjects
 * @param {string} ledger
 * @param {boolean} full
 * @param {(round: number, of: number) => void} onRound
 */
async function press(subjects, ledger, full, onRound) {
  const rounds = full ? ROUNDS.full : ROUNDS.quick;
  const ms = full ? ROUND_MS.full : ROUND_MS.quick;
  const { process: watched } = subjects;
  const url = subjects.url("wall-live");
  const room = subjects.url("socket-room");
  // From the newest change each time, as a page opens its channel after a read.
  const openChannels = async () => {
    const pool = new Pool(url);
    const { cursor } = await pool.read("/api/comments?limit=1");
    pool.close();
    return openMembers(url, SENDERS, { since: cursor });
  };
  /** @param {() => Promise<import("../channels.mjs").ChannelMember[]>} open */
  const over = (open) => async (/** @type {number} */ _, /** @type {number} */ time) => {
    const members = await open();
    const round = await pressMembers(members, { ms: time, watched });
    for (const member of members) member.close();
    return round;
  };
  const request = () => post("hello", newNonce());
  const ways = {
    HTTP: { url, request },
    // On `kv` the channel takes no messages.
    ...(ledger === "sqlite" && {
      channel: {
        url,
        request,
        press: over(openChannels),
      },
    }),
    "socket-room": { url: room, request, press: over(() => openMembers(room, SENDERS)) },
  };
  let round = 0;
  return alternate(ways, {
    rounds,
    ms,
    atOnce: SENDERS,
    watched,
    onRound: () => {
      round += 1;
      onRound(round, rounds);
    },
  });
}

/**
 * @param {readonly Sample[]} samples
 * @param {Record<string, import("../load.mjs").Round[]>} pressed
 * @param {string} ledger
 */
function reported(samples, pressed, ledger) {
  /** @param {Sample} sample */
  const usAFrame = ({ subject, sockets, cpuMsEach }) => {
    const alone = samples.find((one) => one.subject === subject && one.sockets === 1);
    if (!alone || sockets === 1) return Number.NaN;
    return ((cpuMsEach - alone.cpuMsEach) / (sockets - 1)) * US_PER_MS;
  };
  /** @param {string} subject @param {number} sockets */
  const of = (subject, sockets) =>
    samples.find((one) => one.subject === subject && one.sockets === sockets);
  /** @param {Sample | undefined} sample @param {number} share */
  const at = (sample, share) => percentile(sample?.latencies ?? [], share);
  const [wall, room] = [of("wall-live", 1_000), of("socket-room", 1_000)];
  const isChannel = ledger === "sqlite";
  return {
    tables: [
      {
        title:
          "Acknowledged to seen by every socket, ms; CPU of workerd; memory added by each socket",
        columns: [
          "subject",
          "sockets",
          "p50",
          "p99",
          "max",
          "sent to seen, p50",
          "CPU a post, ms",
          "CPU a frame, µs",
          "KB a socket",
        ],
        rows: samples.map((sample) => [
          sample.subject,
          sample.sockets.toLocaleString("en"),
          at(sample, 0.5),
          at(sample, 0.99),
          at(sample, 1),
          percentile(sample.sinceSent, 0.5),
          sample.cpuMsEach,
          usAFrame(sample),
          sample.sockets === 1 ? "–" : sample.kbEach,
        ]),
      },
      {
        title: `Posts by ${SENDERS} senders, each waiting for its acknowledgement: median (least–most) of the rounds`,
        columns: ["way", "posts a second", "p50, ms", "p99, ms", "CPU a post, ms"],
        rows: Object.keys(pressed).map((way) => [
          way,
          ...["perSecond", "p50Ms", "p99Ms", "cpuMsEach"].map((figure) =>
            shown(spreadOf(pressed, figure, way)),
          ),
        ]),
      },
    ],
    targets: [
      { what: "p50 at 100 sockets", value: at(of("wall-live", 100), 0.5), unit: "ms", atMost: 100 },
      {
        what: "p99 at 100 sockets",
        value: at(of("wall-live", 100), 0.99),
        unit: "ms",
        atMost: 300,
      },
      { what: "p50 at 1,000 sockets", value: at(wall, 0.5), unit: "ms", atMost: 300 },
      {
        what: "CPU a frame at 1,000 sockets, as a share of socket-room's",
        value: wall && room ? usAFrame(wall) / usAFrame(room) : Number.NaN,
        atMost: 1.1,
      },
      ...(isChannel
        ? [
            {
              what: "posts a second over the channel, as a multiple of HTTP's",
              value: ratioOf(pressed, "perSecond", "channel", "HTTP").median,
              atLeast: 1.5,
            },
            {
              what: "posts a second over the channel, as a share of socket-room's",
              value: ratioOf(pressed, "perSecond", "channel", "socket-room").median,
              atLeast: 0.8,
            },
          ]
        : []),
    ],
    notes: [
      "The client that opens the sockets shares the machine, so times at many sockets include its own reading of every frame. The senders' limits are lifted.",
    ],
  };
}
