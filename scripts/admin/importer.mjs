// @ts-check
// Sends comments to a wall in batches, and finds the lines of a batch that the wall refuses.
import { RefusedByWall } from "./wall.mjs";

/** @typedef {import("./import-lines.mjs").RightLine} RightLine */
/** @typedef {import("./import-lines.mjs").WrongLine} WrongLine */
/** @typedef {import("./import-lines.mjs").Line} Line */
/** @typedef {import("./export-header.mjs").ExportHeader} ExportHeader */

/** The maximum of comments per request, and of removals (schema/limits.ts). */
const BATCH_MAX = 100;
/**
 * Half of the maximum request size of 1 MiB (schema/limits.ts): JSON escapes may double the length.
 */
const BATCH_MAX_BYTES = 512 * 1024;
/** So many invalid lines mean another kind of file: the import stops. */
export const WRONG_LINES_MAX = 100;

/** Refusals caused by the content: the wall would refuse it again. */
const ABOUT_CONTENT = new Set([400, 413]);

/**
 * Sends the ids of removed messages, one batch at a time.
 * @param {Wall} wall
 * @param {ImportTotal} total
 */
export function removalsTo(wall, total) {
  /** @type {Set<string>} ids that were read: their comments are left out */
  const removed = new Set();
  /** @type {string[]} */
  let batch = [];
  const send = async () => {
    if (batch.length === 0) return;
    const answer = await wall.ask("POST", "/api/admin/import", { comments: [], removed: batch });
    total.removedHere += answer.removed;
    total.remembered += answer.remembered;
    batch = [];
  };
  return {
    removed,
    send,
    /** @param {string} id */
    async add(id) {
      if (removed.has(id)) return;
      removed.add(id);
      total.removals += 1;
      batch.push(id);
      if (batch.length === BATCH_MAX) await send();
    },
  };
}

/** @returns {ImportTotal} */
export function noneYet() {
  const comments = { added: 0, known: 0, leftOut: 0, wrong: 0 };
  return { ...comments, removals: 0, removedHere: 0, remembered: 0 };
}

/**
 * Sends valid lines to the wall while reading, so that the input is read once and never held whole.
 * Stops early after `WRONG_LINES_MAX` invalid lines.
 * @param {AsyncIterable<Line>} lines
 * @param {Wall} wall
 * @param {ReturnType<typeof removalsTo>} removals
 * @param {ImportTotal} total
 * @param {ImportEvents} events
 * @throws {import("../command/refusal.mjs").Refusal} if the wall refuses for another reason, or doesn't answer
 *
 * @typedef {Pick<ReturnType<typeof import("./wall.mjs").adminWall>, "ask">} Wall
 * @typedef {object} ImportTotal
 * @property {number} added comments
 * @property {number} known comments that the wall had
 * @property {number} leftOut comments of which a removal was read
 * @property {number} wrong lines
 * @property {number} removals
 * @property {number} removedHere messages that the wall had, and that are removed now
 * @property {number} remembered ids that the wall did not know, and refuses from now on
 * @typedef {object} ImportEvents
 * @property {(header: ExportHeader) => void} onHeader throws if the file may not be imported
 * @property {(line: WrongLine) => void} onWrong
 * @property {() => void} onBatch
 */
export async function importAll(lines, wall, removals, total, { onHeader, onWrong, onBatch }) {
  /** @type {RightLine[]} */
  let batch = [];
  let bytes = 0;

  /** @param {WrongLine} line */
  const wrong = (line) => {
    total.wrong += 1;
    if (total.wrong <= WRONG_LINES_MAX) onWrong(line);
  };
  const send = async () => {
    await sendBatch(batch);
    batch = [];
    bytes = 0;
    onBatch();
  };
  /** @param {RightLine[]} sent */
  const sendBatch = async (sent) => {
    if (sent.length === 0) return;
    try {
      const comments = sent.map(({ comment }) => comment);
      const { added, known } = await wall.ask("POST", "/api/admin/import", { comments });
      total.added += added;
      total.known += known;
    } catch (error) {
      if (!(error instanceof RefusedByWall && ABOUT_CONTENT.has(error.status))) throw error;
      await sendRight(sent, error);
    }
  };
  /**
   * The wall accepted nothing of a refused batch. Retries without the lines that the wall named. If
   * it named none, as for JSON that nests too deep, tries each half.
   * @param {RightLine[]} sent
   * @param {RefusedByWall} refused
   */
  const sendRight = async (sent, refused) => {
    const named = wrongIn(sent, refused);
    for (const line of named) wrong(line);
    const numbers = new Set(named.map(({ number }) => number));
    const [first] = sent;
    if (named.length > 0) await sendBatch(sent.filter(({ number }) => !numbers.has(number)));
    else if (sent.length === 1 && first)
      wrong({ number: first.number, wrong: `is refused: ${refused.detail}` });
    else {
      const half = sent.length >> 1;
      await sendBatch(sent.slice(0, half));
      await sendBatch(sent.slice(half));
    }
  };

  for await (const line of lines) {
    if ("header" in line) onHeader(line.header);
    else if ("removed" in line) {
      // Earlier lines go first, so that the wall has what is to be removed.
      await send();
      await removals.add(line.removed);
    } else if ("comment" in line && removals.removed.has(String(line.comment.id)))
      total.leftOut += 1;
    else if ("wrong" in line) {
      // Earlier lines go first, so that invalid lines are reported in order.
      await send();
      wrong(line);
    } else {
      if (bytes + line.bytes > BATCH_MAX_BYTES) await send();
      batch.push(line);
      bytes += line.bytes;
      if (batch.length === BATCH_MAX) await send();
    }
    if (total.wrong >= WRONG_LINES_MAX) break;
  }
  await send();
  await removals.send();
}

/**
 * @param {RightLine[]} sent
 * @param {RefusedByWall} refused
 * @returns {WrongLine[]} in the order of the lines, each with all of its errors
 */
function wrongIn(sent, { errors }) {
  /** @type {Map<number, string[]>} */
  const reasons = new Map();
  for (const { pointer, detail } of errors) {
    const [, index, field = ""] = /^\/comments\/(\d+)(?:\/(.*))?$/s.exec(pointer) ?? [];
    const line = index === undefined ? undefined : sent[Number(index)];
    if (line) reasons.set(line.number, [...(reasons.get(line.number) ?? []), `${field} ${detail}`]);
  }
  return [...reasons]
    .map(([number, all]) => ({ number, wrong: all.join(", ").trim() }))
    .sort((a, b) => a.number - b.number);
}
