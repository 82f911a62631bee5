// @ts-check
// The time a person waits for a bot: from sending a message to seeing its answer.
import { setTimeout as delay } from "node:timers/promises";
import { Refusal } from "../command/refusal.mjs";
import { median, percentile } from "../command/statistics.mjs";

const MESSAGES = 100;
/** Pause between two messages, so that they fall at random points between polls. */
const PAUSE_MIN_MS = 100;
const PAUSE_MAX_MS = 1_500;
const LOOK_MS = 50;
const VISIBLE_P95_MAX_MS = 15_000;
/** Without the live channel: a poll every 3 s, plus the time of its requests. */
const CLAIMED_P95_MAX_MS = 4_000;

/** @param {import("./conversation.mjs").Conversation} trial */
export async function roundTrip(trial) {
  /** @type {Map<string, number>} times of the claims */
  const claimedAt = new Map();
  await trial.start();
  trial.startBot({
    onLine(line) {
      const [, id] = / (\d{13}-\S{10}) claimed:/.exec(line) ?? [];
      if (id) claimedAt.set(id, Date.now());
    },
  });
  let isEnding = false;
  const watching = watchReplies(trial.url, () => isEnding);
  try {
    for (let sent = 0; sent < MESSAGES; sent += 1) {
      await delay(trial.random.integer(PAUSE_MIN_MS, PAUSE_MAX_MS));
      await trial.send(`message ${sent}`);
      trial.tell(sent + 1, MESSAGES);
    }
    await trial.answeredForGood();
  } finally {
    isEnding = true;
    await watching.catch(() => {});
  }
  const seenAt = await watching;
  const sent = [...trial.sent.values()];
  const claimed = spread(sent.map(({ id, timestamp }) => (claimedAt.get(id) ?? 0) - timestamp));
  const visible = spread(sent.map(({ id, timestamp }) => (seenAt.get(id) ?? 0) - timestamp));
  if (claimed.p95 > CLAIMED_P95_MAX_MS)
    throw new Refusal(`SLOW: p95 of the claims after ${claimed.p95} ms`);
  if (visible.p95 > VISIBLE_P95_MAX_MS)
    throw new Refusal(`SLOW: p95 of the answers after ${visible.p95} ms`);
  return {
    messages: MESSAGES,
    "answered and marked once": MESSAGES,
    "claimed after, p50 / p95 / max": told(claimed),
    "answer visible after, p50 / p95 / max": told(visible),
  };
}

/**
 * The time at which each message's answer could first be read by a page that polls for changes.
 * @param {string} url
 * @param {() => boolean} isEnding
 */
async function watchReplies(url, isEnding) {
  /** @type {Map<string, number>} */
  const seenAt = new Map();
  for (let query = ""; !isEnding(); await delay(LOOK_MS)) {
    const response = await fetch(`${url}/api/comments${query}`);
    const { comments, cursor } = await response.json();
    for (const { replyTo } of comments)
      if (replyTo && !seenAt.has(replyTo)) seenAt.set(replyTo, Date.now());
    query = `?since=${encodeURIComponent(cursor)}`;
  }
  return seenAt;
}

/** @param {number[]} values */
function spread(values) {
  return { p50: median(values), p95: percentile(values, 0.95), max: Math.max(...values) };
}

/** @param {ReturnType<typeof spread>} spread */
function told({ p50, p95, max }) {
  return `${p50} / ${p95} / ${max} ms`;
}
