// @ts-check
// An admin's connection to a running wall, local or deployed.
import { readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Refusal, WrongArgument } from "../command/refusal.mjs";
import { DEFAULT_PORT, stateDirOf } from "../stack/settings.mjs";
import { firstToken } from "../stack/tokens.mjs";

const PATIENCE_MS = 60_000;
const RETRY_MS = 500;
const ANSWER_DEADLINE_MS = 60_000;

/** @typedef {{ pointer: string, detail: string }} InvalidField */
/** @typedef {{ ok: true, value: any } | { ok: false, again: boolean, refusal: Refusal }} Answer */

/** A refusal by the wall, with its status and problem details. */
export class RefusedByWall extends Refusal {
  status;
  detail;
  /** @type {InvalidField[]} */
  errors;

  /**
   * @param {string} base address of the wall
   * @param {number} status
   * @param {{ detail?: string, errors?: InvalidField[] }} problem
   */
  constructor(base, status, { detail, errors = [] }) {
    const fields = errors.map(({ pointer, detail: why }) => ` ${pointer} ${why}.`);
    super(
      `${base} refused the request: ${status}${detail ? `, ${detail}` : "."}${fields.join("")}`,
    );
    this.status = status;
    this.detail = detail ?? `status ${status}`;
    this.errors = errors;
  }
}

/** Options shared by every command that calls a wall. */
export const WALL_OPTIONS = /** @type {const} */ ({ url: { type: "string" } });
export const WALL_USAGE = `  --url URL    the wall, such as https://example.com; by default the local wall of \`npm start\`

Environment:
  ADMIN_TOKEN      the wall's admin token; for a local wall it is read from STATE_DIR
  PORT, STATE_DIR  those of the local wall, if \`npm start\` had them`;

/** The address of the wall that `npm start` serves with this environment. */
export function localUrl() {
  return `http://127.0.0.1:${process.env.PORT || DEFAULT_PORT}`;
}

/** @param {string | undefined} url of the wall; by default the local wall of `npm start` */
export function adminWall(url = localUrl()) {
  const base = originOf(url);
  // The stored token belongs to this machine's wall: never send it to another host.
  const token = firstToken(process.env.ADMIN_TOKEN || (isHere(base) && startedToken()) || "");
  if (!token)
    throw new Refusal(
      isHere(base)
        ? `No wall keeps its token in ${stateDirOf(process.env)}: set STATE_DIR and PORT as for \`npm start\`, or ADMIN_TOKEN.`
        : "ADMIN_TOKEN must be set to the wall's admin token.",
    );

  return {
    url: base,
    /**
     * Checks the token, and prints the wall's name and address to standard error, so that a wrong wall is noticed.
     * @param {string} [since] a cursor of an earlier export
     * @returns {Promise<{ name: string, removals: import("../../schema/backup").RemovedIds }>} the removals since then
     * @throws {Refusal} if the token is wrong
     */
    async meet(since) {
      const removals = await this.ask("GET", removalsAddress(since));
      const name = await nameOf(base);
      process.stderr.write(`Wall ${name} at ${base}\n`);
      return { name, removals };
    },
    /**
     * Sends a request, and retries for up to a minute while the wall restarts or is busy.
     * @param {string} method
     * @param {string} address relative to the wall's
     * @param {unknown} [body]
     * @throws {Refusal} if the wall refuses or does not answer
     */
    async ask(method, address, body) {
      const deadline = performance.now() + PATIENCE_MS;
      for (;;) {
        const answer = await tryAsk(method, address, body);
        if (answer.ok) return answer.value;
        if (!answer.again || performance.now() > deadline) throw answer.refusal;
        await delay(RETRY_MS);
      }
    },
  };

  /**
   * @param {string} text
   * @param {string} asked
   * @returns {Answer}
   */
  function answerIn(text, asked) {
    try {
      return { ok: true, value: JSON.parse(text) };
    } catch {
      const why = `${base} is not a wall: ${asked} did not return JSON.`;
      return { ok: false, again: false, refusal: new Refusal(why) };
    }
  }

  /**
   * @param {string} method
   * @param {string} address
   * @param {unknown} body
   * @returns {Promise<Answer>}
   */
  async function tryAsk(method, address, body) {
    try {
      const response = await fetch(base + address, {
        method,
        headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
        signal: AbortSignal.timeout(ANSWER_DEADLINE_MS),
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (response.ok) return answerIn(text, `${method} ${new URL(response.url).pathname}`);
      const again = response.status === 503 || response.status === 429;
      const refusal = new RefusedByWall(base, response.status, problemIn(text));
      return { ok: false, again, refusal };
    } catch (error) {
      const why = error instanceof Error ? (error.cause ?? error) : error;
      return { ok: false, again: true, refusal: new Refusal(`${base} does not answer: ${why}.`) };
    }
  }
}

/**
 * The page of removals after a cursor.
 * @param {string} [since]
 */
export function removalsAddress(since) {
  const query = since === undefined ? "" : `?since=${encodeURIComponent(since)}`;
  return `/api/admin/removals${query}`;
}

/**
 * The wall's name. The status says it even with `503`, when a wall is in trouble and most needs an export.
 * @param {string} base
 * @returns {Promise<string>}
 */
async function nameOf(base) {
  try {
    const signal = AbortSignal.timeout(ANSWER_DEADLINE_MS);
    const { wall } = await (await fetch(`${base}/api/status`, { signal })).json();
    if (typeof wall === "string") return wall;
  } catch {}
  throw new Refusal(`${base} is not a wall: GET /api/status did not name one.`);
}

/** @param {string} origin */
function isHere(origin) {
  return ["127.0.0.1", "[::1]", "localhost"].includes(new URL(origin).hostname);
}

/** The token of the local wall, from its state directory. */
function startedToken() {
  try {
    const text = readFileSync(path.join(stateDirOf(process.env), "worker.env"), "utf8");
    return /^ADMIN_TOKEN="(.*)"$/m.exec(text)?.[1];
  } catch {
    return undefined;
  }
}

/** @param {string} url */
function originOf(url) {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  // `localhost:8788` is a URL too, with the scheme `localhost`.
  if (parsed && /^https?:$/.test(parsed.protocol)) return parsed.origin;
  throw new WrongArgument(`--url must be an address like https://example.com, not “${url}”.`);
}

/**
 * @param {string} text
 * @returns {{ detail?: string, errors?: InvalidField[] }} empty if it is not problem details
 */
function problemIn(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}
