// @ts-check
// The WebSocket of the live channel. Node 20 has no client of its own. Not part of the bundle: the package can't be
// bundled as an ES module.
import WebSocket from "ws";

const HANDSHAKE_TIMEOUT_MS = 10_000;

/** Longer than any frame: twice the size at which the wall cuts one. */
const MESSAGE_MAX_BYTES = 256 * 1024;

/**
 * @param {string} url
 * @param {Record<string, string>} headers
 */
export function connect(url, headers) {
  return new WebSocket(url, {
    headers,
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    maxPayload: MESSAGE_MAX_BYTES,
    // The wall does not compress: it costs CPU and memory for each socket.
    perMessageDeflate: false,
  });
}
