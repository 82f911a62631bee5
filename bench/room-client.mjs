// @ts-check
// Members of the socket room: each sends, and continues once its own message comes back.
import { once } from "node:events";
import WebSocket from "ws";
import { percentile } from "../scripts/command/statistics.mjs";

/**
 * @param {URL} url
 * @param {{ atOnce: number, ms: number, watched: import("./process.mjs").Watched }} options
 * @returns {Promise<import("./load.mjs").Round>}
 */
export async function pressRoom(url, { atOnce, ms, watched }) {
  const sockets = await Promise.all(
    Array.from({ length: atOnce }, async () => {
      const socket = new WebSocket(`ws://${url.host}/`);
      socket.setMaxListeners(0);
      await once(socket, "open");
      return socket;
    }),
  );
  /** @type {number[]} */
  const latencies = [];
  const cpuBefore = watched.cpuMs();
  const began = performance.now();
  await Promise.all(
    sockets.map(async (socket, member) => {
      for (let index = 0; performance.now() - began < ms; index += 1) {
        const text = JSON.stringify({ member, index, text: "hello", username: "bench" });
        const sentAt = performance.now();
        const back = new Promise((resolve) => {
          /** @param {unknown} data */
          const look = (data) => {
            if (String(data) !== text) return;
            socket.off("message", look);
            resolve(null);
          };
          socket.on("message", look);
        });
        socket.send(text);
        await back;
        latencies.push(performance.now() - sentAt);
      }
    }),
  );
  const seconds = (performance.now() - began) / 1_000;
  const cpuMs = watched.cpuMs() - cpuBefore;
  for (const socket of sockets) socket.close();
  return {
    perSecond: latencies.length / seconds,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    requests: latencies.length,
    cpuMsEach: cpuMs / latencies.length,
    wireBytesEach: Number.NaN,
  };
}
