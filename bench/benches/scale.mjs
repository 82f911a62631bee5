// @ts-check
// One writer with regional hubs, in simulation: questions, freshness, losses, frames, and the bill (docs/scale.md).
import { importBundled } from "../../scripts/command/bundle.mjs";
import { range } from "../cost-tables.mjs";

const READERS = 10_000;
const PER_MINUTE = 5_000;
const HUBS = 10;
/**
 * Assumed, one way: the nearest and the furthest region. It can't be measured on one machine.
 * @type {[number, number]}
 */
const BETWEEN_REGIONS_MS = [30, 150];
const QUICK_MS = 15_000;
const FULL_MS = 60_000;
/** Assumed: a tab opens its channel again once an hour, as in `cost`. */
const CHANNEL_LIFE_MS = 3_600_000;
const PAGE_POLL_MS = 5_000;
/** Data centres that ask the writer about once a second while anyone polls there: one, and the network's 330. */
const DATA_CENTRES = { least: 1, most: 330 };

const WORLDS = [
  { name: `${HUBS} hubs, a question a second`, hubs: HUBS, askMs: 1_000, times: 2 },
  { name: `${HUBS} hubs, two questions a second`, hubs: HUBS, askMs: 500, times: 1 },
  {
    name: `${HUBS} hubs, one evicted, one cut off for 10 s`,
    hubs: HUBS,
    askMs: 1_000,
    times: 1,
    faults: true,
  },
  // No network between: as fresh as the writer's own room, which is told of each change.
  { name: "one room beside the writer", hubs: 1, askMs: 100, times: 1, isOne: true },
];

/** @typedef {import("../../sim/scale/index").ScaleReport} ScaleReport */
/** @typedef {import("../../schema/cost/bill").TallyLine} Line */
/** @typedef {{ name: string, hubs: number, ms: number, isOne: boolean, report: ScaleReport }} World */

/**
 * @param {import("../report.mjs").Context} context
 * @returns {Promise<import("../report.mjs").Report>}
 */
export async function run({ full, done }) {
  /** @type {typeof import("../../sim/scale/index")} */
  const { runScale } = await importBundled("sim/scale/index.ts");
  /** @type {typeof import("../../schema/cost/bill")} */
  const { billOf } = await importBundled("schema/cost/bill.ts");
  /** @type {typeof import("../../schema/cost/prices")} */
  const prices = await importBundled("schema/cost/prices.ts");
  /** @type {World[]} */
  const worlds = [];
  for (const [
    number,
    { name, hubs, askMs, times, faults = false, isOne = false },
  ] of WORLDS.entries()) {
    const ms = full ? times * FULL_MS : QUICK_MS;
    const report = await runScale({
      hubs,
      readers: READERS,
      perMinute: PER_MINUTE,
      ms,
      askMs,
      linkMs: isOne ? [0, 0] : BETWEEN_REGIONS_MS,
      faults,
      onProgress: (share) => done((number + share) / WORLDS.length, name),
    });
    worlds.push({ name, hubs, ms, isOne, report });
  }
  const [hubs, , , one] = /** @type {[World, World, World, World]} */ (worlds);
  const designs = [
    { name: "polling every 5 s", lines: linesOfPolling(one, prices), ms: one.ms },
    { name: "one object with every channel", lines: linesOfChannels(one, prices), ms: one.ms },
    { name: `${HUBS} hubs`, lines: linesOfChannels(hubs, prices), ms: hubs.ms },
  ].map((design) => ({ ...design, bill: billOf(design.lines, design.ms) }));
  return {
    tables: [
      {
        title: `${READERS.toLocaleString("en")} readers, ${PER_MINUTE.toLocaleString("en")} messages a minute: from the writer's acknowledgement to a reader with an open channel, ms`,
        columns: ["", "simulated s", "messages", "p50", "p99", "most", "removed, last shown after"],
        rows: worlds.map(({ name, ms, report }) => [
          name,
          ms / 1_000,
          report.messages,
          report.age.p50,
          report.age.p99,
          report.age.most,
          report.shownRemovedMs,
        ]),
      },
      {
        title: "Calls and frames a second, and KB a second",
        columns: [
          "",
          "questions of hubs",
          "questions for polls",
          "posts",
          "KB of answers to one hub",
          "frames of a hub",
          "most",
          "KB to one reader",
          "confirmations at a hub",
        ],
        rows: worlds.map(({ name, hubs, ms, isOne, report }) => {
          const s = ms / 1_000;
          const { calls, framesPerSecond, syncBytes, bytes, confirmations } = report;
          return [
            name,
            isOne ? "none" : (calls.sync - calls.syncByIsolates) / s,
            calls.syncByIsolates / s,
            calls.append / s,
            isOne ? "none" : syncBytes / 1_000 / s / hubs,
            framesPerSecond.mean,
            framesPerSecond.most,
            bytes / 1_000 / s / READERS,
            confirmations / s / hubs,
          ];
        }),
      },
      {
        title: "A month at this load by list prices, including the plan's $5; without CPU",
        columns: ["", "$ a month"],
        rows: designs.map(({ name, bill }) => [name, range(bill.usd)]),
      },
      ...designs.map(({ name, lines, bill }) => ({
        title: `By line: ${name}`,
        columns: ["", "operation", "millions a month", "$ beyond the plan"],
        rows: bill.lines.map(({ meter, amount, usd }, index) => [
          lines[index]?.what ?? "",
          prices.PRICES[meter].title,
          range({ least: amount.least / 1e6, most: amount.most / 1e6 }),
          range(usd),
        ]),
      })),
    ],
    targets: worlds.flatMap(({ name, report }) =>
      [
        { what: "messages that a reader never got", value: report.missing },
        { what: "removed messages that a reader still shows", value: report.leftOver },
        { what: "changes that came twice", value: report.repeated },
        { what: "removed messages in a later frame", value: report.afterRemoval },
        { what: "cursors out of reach", value: report.gaps },
        { what: "sockets closed by a hub", value: report.closedByHub },
      ].map(({ what, value }) => ({ what: `${what}: ${name}`, value, atMost: 0 })),
    ),
    samples: { worlds, bills: designs.map(({ name, bill }) => ({ name, bill })) },
    notes: [
      `Virtual time; the shipped writer, room, hub and replica. Assumed: ${BETWEEN_REGIONS_MS.join(" to ")} ms one way between writer and hub and up to a fifth more, 5 to 40 ms between reader and hub, no message lost.`,
      `List prices as of ${prices.PRICES_AS_OF}. Ranges: polls and audits reach the writer from ${DATA_CENTRES.least} to ${DATA_CENTRES.most} data centres. A channel is opened again once an hour.`,
    ],
  };
}

/**
 * The writer's work in each design.
 * @param {World} world
 */
function linesOfWriter({ report }) {
  const { row_written = 0, alarm_set = 0, row_read = 0 } = report.operations;
  return [
    line("alarms of the writer", "object_requests", alarm_set),
    line("the writer's rows", "rows_written", row_written + alarm_set),
    line("the writer's rows", "rows_read", row_read),
    line("removals", "requests", report.calls.remove),
    line("removals", "object_requests", report.calls.remove),
  ];
}

/**
 * @param {World} world
 * @param {typeof import("../../schema/cost/prices")} prices
 */
function linesOfPolling(world, prices) {
  const { ms, report } = world;
  const s = ms / 1_000;
  return [
    line("polls", "requests", (READERS * ms) / PAGE_POLL_MS),
    line("questions for polls", "object_requests", DATA_CENTRES.least * s, DATA_CENTRES.most * s),
    line("posts", "requests", report.calls.append),
    line("posts", "object_requests", report.calls.append),
    ...linesOfWriter(world),
    line("active objects", "object_gb_s", s * prices.OBJECT_MEMORY_GB),
  ];
}

/**
 * Posts come over the channel. A hub passes each on, which is a call of the writer.
 * @param {World} world
 * @param {typeof import("../../schema/cost/prices")} prices
 */
function linesOfChannels(world, prices) {
  const { ms, report, hubs, isOne } = world;
  const s = ms / 1_000;
  const { append, sync, syncByIsolates } = report.calls;
  const opened = (READERS * ms) / CHANNEL_LIFE_MS;
  const audits = (READERS * s) / report.auditS;
  const asked = Math.min(audits, DATA_CENTRES.most * s);
  const messages = (/** @type {number} */ count) => count / prices.SOCKET_MESSAGES_PER_REQUEST;
  const ofHubs = [
    line("posts that hubs pass on", "object_requests", append),
    line("questions of hubs", "object_requests", sync - syncByIsolates),
  ];
  return [
    line("posts over the channel", "object_requests", messages(append)),
    line("confirmations", "object_requests", messages(report.confirmations)),
    ...(isOne ? [] : ofHubs),
    line("channels opened", "requests", opened),
    line("channels opened", "object_requests", opened),
    line("audits", "requests", audits),
    line("questions for audits", "object_requests", DATA_CENTRES.least * s, asked),
    ...linesOfWriter(world),
    line("active objects", "object_gb_s", (isOne ? 1 : hubs + 1) * s * prices.OBJECT_MEMORY_GB),
  ];
}

/**
 * @param {string} what
 * @param {Line["meter"]} meter
 * @param {number} least
 * @returns {Line & { what: string }}
 */
function line(what, meter, least, most = least) {
  return { what, part: "others", meter, amount: { least, most } };
}
