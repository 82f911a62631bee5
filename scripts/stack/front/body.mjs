// @ts-check
// Request bodies, buffered in memory: the runtime gets a request only once it is complete.

/** Beyond this even a discarded body is read no further (as in app/api/http.ts). */
const DISCARD_MAX_BYTES = 10 * 1_024 * 1_024;

/**
 * Calls `onEnd` once, unless the client disconnects first. A body that is too large is read and
 * discarded: a client that is still sending would otherwise see a broken connection instead of the
 * answer.
 * @param {import("node:http").IncomingMessage} request
 * @param {object} options
 * @param {number} options.maxBytes
 * @param {(bytes: number) => void} options.hold gets the size of each buffered chunk, and a negative size when chunks are discarded
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
    // The client disconnected or was dropped: ending its connection is all that is left.
    .on("error", () => {});
}
