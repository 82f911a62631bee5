// @ts-check
// Opens a live channel at a wall, to tell whether pages will have one.
import { randomBytes } from "node:crypto";
import http from "node:http";
import https from "node:https";

/** The first frame of a wall is at most 128 KiB long, and has this field. */
const FRAME_MAX_BYTES = 256 * 1024;
const TERMS = '"auditS":';

/**
 * `null` if a channel opens and the wall sends its first frame; else the reason. Never throws.
 * @param {string} url the wall, without a trailing slash
 * @param {number} deadlineMs
 * @returns {Promise<string | null>}
 */
export async function whyNoChannel(url, deadlineMs) {
  try {
    const signal = AbortSignal.timeout(deadlineMs);
    const response = await fetch(`${url}/api/comments?limit=1`, { signal });
    const { cursor } = await response.json();
    return await openAt(`${url}/api/live?since=${encodeURIComponent(cursor)}`, deadlineMs);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * With Node's own client: the deploy needs no more of WebSockets than the handshake and the first bytes.
 * @param {string} address
 * @param {number} deadlineMs
 * @returns {Promise<string | null>}
 */
function openAt(address, deadlineMs) {
  const { request } = address.startsWith("https:") ? https : http;
  return new Promise((resolve) => {
    const asked = request(address, {
      headers: {
        Connection: "Upgrade",
        Upgrade: "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": randomBytes(16).toString("base64"),
      },
    });
    /** @param {string | null} reason */
    const end = (reason) => {
      clearTimeout(late);
      asked.destroy();
      resolve(reason);
    };
    const late = setTimeout(() => end(`no frame within ${deadlineMs / 1_000} s`), deadlineMs);
    asked.on("error", ({ message }) => end(message));
    asked.on("response", ({ statusCode }) => end(`refused with ${statusCode}`));
    asked.on("upgrade", (_, socket, head) => {
      let text = head.toString("latin1");
      const look = () => {
        if (text.includes(TERMS)) end(null);
        else if (text.length > FRAME_MAX_BYTES) end("its first frame is none of a wall's");
        else return;
        socket.destroy();
      };
      socket.on("error", ({ message }) => end(message));
      socket.on("close", () => end("closed before its first frame"));
      socket.on("data", (/** @type {Buffer} */ data) => {
        text += data.toString("latin1");
        look();
      });
      look();
    });
    asked.end();
  });
}
