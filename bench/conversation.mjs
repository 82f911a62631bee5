// @ts-check
// The conversation on a measured wall.
import { setTimeout as delay } from "node:timers/promises";
import { Refusal } from "../scripts/command/refusal.mjs";
import { untilAnswered } from "../scripts/trial/wall.mjs";

const MESSAGES = 200;
const SHOWN_DEADLINE_MS = 30_000;
const POLL_MS = 200;

/**
 * Posts a conversation and waits until the wall shows it.
 * @param {string} url the wall's, with the bot token of scripts/trial/wall.mjs
 */
export async function converse(url) {
  const comments = `${url}/api/comments`;
  for (let index = 0; index < MESSAGES; index += 1)
    await untilAnswered(comments, "POST", draft(index));
  const deadline = performance.now() + SHOWN_DEADLINE_MS;
  while ((await untilAnswered(comments)).comments.length < MESSAGES) {
    if (performance.now() > deadline) throw new Refusal("The conversation did not appear.");
    await delay(POLL_MS);
  }
}

/** @param {number} index */
function draft(index) {
  return { text: words(index), username: ["ada", "grace", "linus", "mary"][index % 4] };
}

/** @param {number} index */
export function words(index) {
  const said = ["A short one.", "Look at https://example.com/a/page?of=mine", "🌙🌙", "Why not?"];
  const long = "A longer message that takes some lines on a narrow screen, as many do. ".repeat(3);
  return index % 5 === 4 ? long : `${said[index % 5]} ${index}`;
}
