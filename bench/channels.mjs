// @ts-check
// Members of the live channel and of the socket room: they open, hear what is sent to them, and post.
import { once } from "node:events";
import WebSocket from "ws";
import { percentile } from "../scripts/command/statistics.mjs";
import { clientAddress } from "./load.mjs";

const OPENING_AT_ONCE = 50;
/** A page confirms what it received; these confirm each frame after this many bytes. */
const SEEN_EVERY_BYTES = 64 * 1_024;
const ANSWER_WITHIN_MS = 30_000;

let nonces = 0;

/** A text that occurs in no other message. */
export function newNonce() {
  nonces += 1;
  return `bench-${process.pid}-${String(nonces).padStart(8, "0")}`;
}

/** One open socket. */
class Member {
  #socket;
  /** How long the channel vouches without a read, in seconds, as its first frame says. */
  auditS = Number.NaN;
  #unconfirmed = 0;
  #isRoom;
  /** @type {{ text: string, resolve: (at: number) => void, reject: (reason: Error) => void } | null} */
  #awaited = null;

  /**
   * @param {WebSocket} socket
   * @param {boolean} isRoom
   */
  constructor(socket, isRoom) {
    this.#socket = socket;
    this.#isRoom = isRoom;
    socket.on("message", (/** @type {Buffer} */ data) => this.#hear(data));
    socket.on("close", (/** @type {number} */ code, /** @type {Buffer} */ reason) =>
      this.#awaited?.reject(new Error(`closed with ${code} ${reason}`)),
    );
  }

  /**
   * The time at which a message with this text arrives.
   * @param {string} text
   * @returns {Promise<number>}
   */
  hears(text) {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`${text} never came`)), ANSWER_WITHIN_MS);
      this.#awaited = {
        text,
        reject: (reason) => {
          clearTimeout(late);
          reject(reason);
        },
        resolve: (at) => {
          clearTimeout(late);
          resolve(at);
        },
      };
    });
  }

  /**
   * Posts a message, and waits until it is acknowledged: the room's members hear it themselves.
   * @param {string} [nonce]
   */
  async post(nonce = newNonce()) {
    const draft = { text: `message ${nonce}`, username: "bench", color: "#3355aa", nonce };
    const acknowledged = this.hears(this.#isRoom ? nonce : `"posted":"${nonce}"`);
    this.#socket.send(JSON.stringify(this.#isRoom ? draft : { post: draft }));
    return { nonce, at: await acknowledged };
  }

  close() {
    this.#socket.terminate();
  }

  /** @param {Buffer} data */
  #hear(data) {
    const awaited = this.#awaited;
    if (awaited && data.includes(awaited.text)) {
      this.#awaited = null;
      awaited.resolve(performance.now());
    }
    this.#unconfirmed += data.byteLength;
    if (this.#isRoom || this.#unconfirmed < SEEN_EVERY_BYTES) return;
    const cursor = /"cursor":"([^"]+)"/.exec(data.toString())?.[1];
    if (!cursor) return;
    this.#unconfirmed = 0;
    this.#socket.send(JSON.stringify({ seen: cursor }));
  }
}

/** @typedef {Member} ChannelMember */

/**
 * Opens sockets, each from its own network.
 * @param {URL} url
 * @param {number} count
 * @param {{ since?: string, path?: string }} [live] the cursor, for the channel; without it the room's socket
 * @returns {Promise<Member[]>}
 */
export async function openMembers(url, count, { since, path = "/api/live" } = {}) {
  const isRoom = since === undefined;
  const address = `ws://${url.host}${isRoom ? "/" : `${path}?since=${since}`}`;
  /** @type {Member[]} */
  const members = [];
  let left = count;
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      const headers = { "CF-Connecting-IP": clientAddress() };
      const socket = new WebSocket(address, { headers, perMessageDeflate: false });
      const member = new Member(socket, isRoom);
      // The channel's first frame says that it is open.
      const [first] = await once(socket, isRoom ? "open" : "message");
      if (!isRoom) member.auditS = JSON.parse(String(first)).auditS;
      socket.on("error", () => {});
      members.push(member);
    }
  };
  await Promise.all(Array.from({ length: OPENING_AT_ONCE }, lane));
  return members;
}

/**
 * Sequential posts of each member, for a while.
 * @param {readonly Member[]} members
 * @param {{ ms: number, watched: import("./process.mjs").Watched }} options
 * @returns {Promise<import("./load.mjs").Round>}
 */
export async function pressMembers(members, { ms, watched }) {
  /** @type {number[]} */
  const latencies = [];
  const cpuBefore = watched.cpuMs();
  const began = performance.now();
  await Promise.all(
    members.map(async (member) => {
      while (performance.now() - began < ms) {
        const sentAt = performance.now();
        await member.post();
        latencies.push(performance.now() - sentAt);
      }
    }),
  );
  const seconds = (performance.now() - began) / 1_000;
  return {
    perSecond: latencies.length / seconds,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    requests: latencies.length,
    cpuMsEach: (watched.cpuMs() - cpuBefore) / latencies.length,
    wireBytesEach: Number.NaN,
  };
}
