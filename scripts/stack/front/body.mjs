// @ts-check
// Request bodies, whole and in memory: the runtime hears of a request only when all of it is there.

/** Beyond this even a body that is thrown away is read no further (as in app/api/http/bodies.ts). */
const DISCARD_MAX_BYTES = 10 * 1_024 * 1_024;

/**
 * Calls `onEnd` once, unless the client leaves before. A body that is too large is read and thrown away first:
 * a client that is still sending would otherwise see a broken connection in place of the answer.
 * @param {import("node:http").IncomingMessage} request
 * @param {object} options
 * @param {number} options.maxBytes
 * @param {(bytes: number) => void} options.hold told of every byte that is kept, and of what is thrown away as negative
 * @param {(body: Buffer | null) => void} options.onEnd with null for a body that is too large
 */
export function readBody(request, { maxBytes, hold, onEnd }) {
  /** @type {Buffer[]} */
  let parts = [];
  let length = 0;
  let ended = false;
  /** @param {Buffer | null} body */
  const end = (body) => {
    if (ended) return;
    ended = true;
    onEnd(body);
  };
  request
    .on("data", (/** @type {Buffer} */ part) => {
      const kept = length > maxBytes ? 0 : length;
      length += part.length;
      if (length <= maxBytes) {
        parts.push(part);
        hold(part.length);
      } else {
        parts = [];
        hold(-kept);
        if (length > DISCARD_MAX_BYTES) end(null);
      }
    })
    .on("end", () => end(length <= maxBytes ? Buffer.concat(parts, length) : null))
    // The client has left, or was told to: its connection's end is all there is to do.
    .on("error", () => {});
}
