// @ts-check
// Puts load on a wall that may be killed meanwhile, and later looks up every comment that the wall acknowledged.
import { setTimeout as delay } from "node:timers/promises";
import { Refusal } from "../command/refusal.mjs";
import { ADMIN_TOKEN, ask, untilAnswered } from "./wall.mjs";

const RETRY_MS = 100;
const LOOK_UPS_AT_ONCE = 16;

/** @typedef {{ id: string, text: string, processed: boolean, removed?: boolean }} Entry */
/** @typedef {Map<string, Entry>} Acknowledged the acknowledged comments by their nonces */
/**
 * A writer begins a message at least `pauseMs` after its last one. The admin waits at least `removalMs` between two
 * removals, and removes nothing without it.
 * @typedef {{ name: string, writers: number, pauseMs: number, markers: number, removalMs?: number }} Load
 */

/**
 * Runs writers, markers and an admin until `end` is called. A writer repeats each message with the same nonce until
 * the wall acknowledges it or the load ends.
 * @param {string} url
 * @param {Acknowledged} acknowledged
 * @param {Load & { round: number }} load
 */
export function startLoad(
  url,
  acknowledged,
  { name, round, writers, pauseMs, markers, removalMs },
) {
  let ended = false;
  /** Comments acknowledged in this round that no marker and no admin has taken yet. @type {Entry[]} */
  const untaken = [];
  /** @param {number} writer */
  const write = async (writer) => {
    for (let index = 0; !ended; index += 1) {
      const nonce = `${name}-${round}-${writer}-${index}`;
      const text = `round ${round}, writer ${writer}, message ${index}`;
      const sentAt = performance.now();
      while (!ended) {
        const comment = await ask(`${url}/api/comments`, "POST", { text, nonce });
        if (comment) {
          const entry = { id: comment.id, text, processed: false };
          acknowledged.set(nonce, entry);
          untaken.push(entry);
          break;
        }
        await delay(RETRY_MS);
      }
      await delay(Math.max(0, pauseMs - (performance.now() - sentAt)));
    }
  };
  const mark = async () => {
    while (!ended) {
      const entry = untaken.shift();
      const body = { botParams: { processed: true } };
      if (entry && (await ask(`${url}/api/comments/${entry.id}`, "PATCH", body)))
        entry.processed = true;
      else await delay(RETRY_MS);
    }
  };
  const remove = async () => {
    while (!ended && removalMs !== undefined) {
      await delay(Math.min(removalMs, 1_000));
      const entry = untaken.shift();
      if (!entry) continue;
      const body = { reason: "trial" };
      const address = `${url}/api/comments/${entry.id}`;
      // Noted before the request: a removal without an answer may have taken effect, too.
      entry.removed = true;
      while (!ended && (await ask(address, "DELETE", body, ADMIN_TOKEN)) === null)
        await delay(RETRY_MS);
      await delay(removalMs);
    }
  };
  const work = [
    ...Array.from({ length: writers }, (_, writer) => write(writer)),
    ...Array.from({ length: markers }, mark),
    remove(),
  ];
  return {
    async end() {
      ended = true;
      await Promise.all(work);
    },
  };
}

/**
 * Looks up every acknowledged comment, except those whose removal was requested.
 * @param {string} url
 * @param {Acknowledged} acknowledged
 * @throws {Refusal} that names the first comment that is missing, appears twice, or has lost its mark
 */
export async function lookUpAll(url, acknowledged) {
  const entries = [...acknowledged].filter(([, { removed }]) => !removed);
  const lookUp = async () => {
    for (let next = entries.pop(); next; next = entries.pop()) {
      const [nonce, entry] = next;
      const comment = await untilAnswered(`${url}/api/comments/${entry.id}`);
      if (comment?.nonce !== nonce || comment.text !== entry.text)
        throw new Refusal(`LOST: ${entry.id}, “${entry.text}”`);
      if (entry.processed && !comment.botParams.processed)
        throw new Refusal(`UNMARKED: ${entry.id} was processed and reads as unprocessed`);
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
