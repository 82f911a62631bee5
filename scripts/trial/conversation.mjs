// @ts-check
// A wall with bots under trial: the messages that people sent, and whether bots answered each once.
import { setTimeout as delay } from "node:timers/promises";
import { Refusal } from "../command/refusal.mjs";
import { scratchDirectory } from "../command/scratch.mjs";
import { startBot, startEndpoint } from "./bot.mjs";
import { startWall, untilAnswered } from "./wall.mjs";

const LOOK_MS = 500;
const ANSWERS_DEADLINE_MS = 180_000;

/** Longer than any claim of a dead bot: by then a second answer would have appeared. */
const AFTERMATH_MS = 35_000;

/** @typedef {{ id: string, text: string, type: string, replyTo?: string, username: string, timestamp: number, botParams: { processed?: boolean, entity?: string } }} Comment */

export class Conversation {
  /** Sent messages, by id. @type {Map<string, Comment>} */
  sent = new Map();
  url = "";
  /** @type {import("../command/random.mjs").Random} */
  random;
  /** @type {(done: number, of: number) => void} */
  tell;
  #ledger;
  #stateDir = scratchDirectory("trial");
  /** @type {import("./wall.mjs").Wall | null} */
  #wall = null;
  /** @type {import("./bot.mjs").BotProcess[]} */
  #bots = [];
  /** @type {{ close(): void } | null} */
  #endpoint = null;

  /**
   * @param {import("../command/random.mjs").Random} random
   * @param {(done: number, of: number) => void} tell reports progress
   * @param {string} ledger
   */
  constructor(random, tell, ledger) {
    this.#ledger = ledger;
    this.random = random;
    this.tell = tell;
  }

  /** The same port each time, so that clients find it again. */
  async start() {
    const port = this.url ? new URL(this.url).port : "0";
    this.#wall = await startWall(this.#stateDir, { port, ledger: this.#ledger });
    this.url = this.#wall.url;
  }

  /** @param {"SIGTERM" | "SIGKILL"} signal */
  async end(signal) {
    const ending = this.#wall;
    this.#wall = null;
    await (signal === "SIGKILL" ? ending?.kill() : ending?.stop());
  }

  /** @param {import("./bot.mjs").BotOptions} [options] */
  startBot(options) {
    const bot = startBot(this.url, options);
    this.#bots.push(bot);
    return bot;
  }

  /** @param {Parameters<typeof startEndpoint>[0]} answer */
  async startEndpoint(answer) {
    const endpoint = await startEndpoint(answer);
    this.#endpoint = endpoint;
    return endpoint;
  }

  /** Ends everything that was started. */
  async close() {
    for (const bot of this.#bots) await bot.end("SIGTERM");
    this.#endpoint?.close();
    await this.end("SIGTERM");
  }

  /**
   * Sends a person's message, with the bots' token, which is exempt from limits.
   * @param {string} text
   * @param {{ entity?: string }} [botParams]
   */
  async send(text, botParams = {}) {
    // With a nonce, so that a retry makes no second message.
    const nonce = `trial-${process.pid}-${this.sent.size}`;
    const draft = { text, nonce, username: "ann", botParams };
    const comment = await untilAnswered(`${this.url}/api/comments`, "POST", draft);
    this.sent.set(comment.id, comment);
    return comment;
  }

  /** The bots' answers, by the id of the message. */
  async #replies() {
    /** @type {Map<string, Comment[]>} */
    const replies = new Map();
    for (const comment of await this.#all()) {
      if (comment.type !== "bot" || !comment.replyTo) continue;
      replies.set(comment.replyTo, [...(replies.get(comment.replyTo) ?? []), comment]);
    }
    return replies;
  }

  /**
   * Waits until every message is answered and marked.
   * @param {(answered: number, of: number) => void} [onLook]
   * @throws {Refusal} naming the first message answered twice or not in time
   */
  async allAnswered(onLook = () => {}) {
    const deadline = performance.now() + ANSWERS_DEADLINE_MS;
    for (;;) {
      const replies = await this.#replies();
      onLook(replies.size, this.sent.size);
      for (const [id, answers] of replies) {
        if (answers.length > 1) throw new Refusal(`ANSWERED ${answers.length} times: ${id}`);
        if (!this.sent.has(id)) throw new Refusal(`ANSWERED a message that nobody sent: ${id}`);
      }
      const missing = [...this.sent.keys()].find((id) => !replies.has(id));
      const unmarked = missing ? null : await this.#unmarked();
      if (!missing && !unmarked) return replies;
      if (performance.now() > deadline)
        throw new Refusal(missing ? `NOT ANSWERED: ${missing}` : `NOT MARKED: ${unmarked}`);
      await delay(LOOK_MS);
    }
  }

  /**
   * Like `allAnswered`, then again after every remaining claim has expired.
   * @param {(answered: number, of: number) => void} [onLook]
   */
  async answeredForGood(onLook = () => {}) {
    await this.allAnswered(onLook);
    await delay(AFTERMATH_MS);
    return this.allAnswered();
  }

  async #unmarked() {
    const marked = new Set(
      [...(await this.#all())].flatMap(({ id, botParams }) => (botParams.processed ? id : [])),
    );
    return [...this.sent.keys()].find((id) => !marked.has(id));
  }

  /** Everything on the wall, back to the first comment. */
  async #all() {
    const address = `${this.url}/api/comments`;
    /** @type {Map<string, Comment>} */
    const all = new Map();
    /** @param {Comment[]} comments */
    const add = (comments) => {
      for (const comment of comments) if (!all.has(comment.id)) all.set(comment.id, comment);
    };
    const { comments } = await untilAnswered(address);
    add(comments);
    let before = comments.at(-1)?.id;
    while (before) {
      const page = await untilAnswered(`${address}?before=${encodeURIComponent(before)}`);
      add(page.comments);
      before = page.nextBefore;
    }
    return all.values();
  }
}
