// @ts-check
import { setTimeout as delay } from "node:timers/promises";
import { median } from "../bench/statistics.mjs";
import { oneOf, readArguments, wholeNumber } from "./command/arguments.mjs";
import { progress } from "./command/progress.mjs";
import { randomFrom } from "./command/random.mjs";
import { Refusal } from "./command/refusal.mjs";
import { runCommand } from "./command/run.mjs";
import { scratchDirectory } from "./command/scratch.mjs";
import { say } from "./command/terminal.mjs";
import { LEDGERS } from "./stack/settings.mjs";
import { ask, startWall, untilAnswered } from "./stack/wall-process.mjs";

const TIMES = 30;
const WRITERS = 8;
const MARKERS = 2;
/** Each writer's pause between messages: about 100 messages a second in total. */
const PAUSE_MS = 60;
/** Delay between ready and the kill. */
const LIFE_MIN_MS = 500;
const LIFE_MAX_MS = 4_000;
const LOOK_UPS_AT_ONCE = 16;
const RETRY_MS = 100;

/** @typedef {{ id: string, text: string, processed: boolean }} Acknowledged */

const USAGE = `npm run crash [-- --times N --seed S --ledger kv|sqlite]

Repeatedly kills the whole server with -9 under load, and after each restart checks every acknowledged
comment and flag. Uses the real runtime with KV and Durable Object on disk, and only 127.0.0.1.

  --times N    number of kills (${TIMES})
  --seed S     random seed for the moments (1)
  --ledger L   kv (the default) or sqlite`;

runCommand(async () => {
  const { values } = readArguments(USAGE, {
    options: {
      times: { type: "string", default: String(TIMES) },
      seed: { type: "string", default: "1" },
      ledger: { type: "string", default: "kv" },
    },
  });
  const times = wholeNumber(values.times, "--times");
  const ledger = oneOf(values.ledger, "--ledger", LEDGERS);
  const random = randomFrom(wholeNumber(values.seed, "--seed"));
  const stateDir = scratchDirectory("crash");
  const bar = progress(times);
  /** @type {Map<string, Acknowledged>} by nonce */
  const acknowledged = new Map();
  /** @type {number[]} */
  const readyMs = [];
  /** @type {Awaited<ReturnType<typeof startWall>> | null} */
  let server = null;
  try {
    server = await startWall(stateDir, { ledger });
    for (let round = 1; round <= times; round += 1) {
      const load = startLoad(server.url, acknowledged, round);
      await delay(LIFE_MIN_MS + random() * (LIFE_MAX_MS - LIFE_MIN_MS));
      await server.kill();
      await load.end();
      server = await startWall(stateDir, { ledger });
      readyMs.push(server.readyMs);
      await lookUpAll(server.url, acknowledged);
      bar(round, `${acknowledged.size} comments acknowledged, none missing`);
    }
    bar.end();
  } finally {
    await server?.kill();
  }
  const flags = [...acknowledged.values()].filter(({ processed }) => processed).length;
  say(
    "| kills | comments acknowledged | flags acknowledged | missing | duplicated | ready again, p50 | max |",
  );
  say("| --- | --- | --- | --- | --- | --- | --- |");
  say(
    `| ${times} | ${acknowledged.size} | ${flags} | 0 | 0 | ${Math.round(median(readyMs))} ms | ${Math.round(Math.max(...readyMs))} ms |`,
  );
});

/**
 * Writers and markers, until they are ended. Each writer resends a message with its nonce until it
 * is acknowledged or the load ends.
 * @param {string} url
 * @param {Map<string, Acknowledged>} acknowledged
 * @param {number} round
 */
function startLoad(url, acknowledged, round) {
  let ended = false;
  /** @type {Acknowledged[]} */
  const own = [];
  /** @param {number} writer */
  const write = async (writer) => {
    for (let index = 0; !ended; index += 1) {
      const nonce = `crash-${round}-${writer}-${index}`;
      const text = `round ${round}, writer ${writer}, message ${index}`;
      while (!ended) {
        const comment = await ask(`${url}/api/comments`, "POST", { text, nonce });
        if (comment) {
          const entry = { id: comment.id, text, processed: false };
          acknowledged.set(nonce, entry);
          own.push(entry);
          break;
        }
        await delay(RETRY_MS);
      }
      await delay(PAUSE_MS);
    }
  };
  const mark = async () => {
    while (!ended) {
      const entry = own.find(({ processed }) => !processed);
      const body = { botParams: { processed: true } };
      if (entry && (await ask(`${url}/api/comments/${entry.id}`, "PATCH", body)))
        entry.processed = true;
      else await delay(RETRY_MS);
    }
  };
  const work = [
    ...Array.from({ length: WRITERS }, (_, writer) => write(writer)),
    ...Array.from({ length: MARKERS }, mark),
  ];
  return {
    async end() {
      ended = true;
      await Promise.all(work);
    },
  };
}

/**
 * @param {string} url
 * @param {Map<string, Acknowledged>} acknowledged
 * @throws {Refusal} naming the first comment that is missing, duplicated or unmarked
 */
async function lookUpAll(url, acknowledged) {
  const entries = [...acknowledged];
  const lookUp = async () => {
    for (let next = entries.pop(); next; next = entries.pop()) {
      const [nonce, entry] = next;
      const comment = await untilAnswered(`${url}/api/comments/${entry.id}`);
      if (comment?.nonce !== nonce || comment.text !== entry.text)
        throw new Refusal(`LOST: ${entry.id}, “${entry.text}”`);
      if (entry.processed && !comment.botParams.processed)
        throw new Refusal(`UNMARKED: ${entry.id} was marked processed and reads as unprocessed`);
    }
  };
  await Promise.all(Array.from({ length: LOOK_UPS_AT_ONCE }, lookUp));
  const { comments } = await untilAnswered(`${url}/api/comments`);
  /** @type {Set<string>} */
  const nonces = new Set();
  for (const { nonce } of comments) {
    if (nonces.has(nonce)) throw new Refusal(`DOUBLED: ${nonce}`);
    nonces.add(nonce);
  }
}
