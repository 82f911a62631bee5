/**
 * Thousands of deliberately slow clients: other clients are still served, and all resources are
 * freed.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import path from "node:path";
import { expect, LONG, test } from "../fixtures";
import { type Stack, until } from "../stack";

const FLOODER = "127.0.0.1";
const OTHER = "127.0.0.2";
/** Connections opened at a time; one process can't open all at once. */
const BATCH = 200;
const WELL_AGAIN_MS = 30_000;
/** Descriptors that the wall opens and closes on its own. */
const SPARE_DESCRIPTORS = 100;
const LOGS_MAX_BYTES = 1_024 * 1_024;

/** Resolves to the status, or to the error without an answer. */
function ask(stack: Stack, from: string, text?: string): Promise<number | string> {
  return new Promise((resolve) => {
    const request = http.request(`${stack.url}/api/comments`, {
      localAddress: from,
      agent: false,
      method: text ? "POST" : "GET",
      headers: text ? { "Content-Type": "application/json" } : {},
      timeout: WELL_AGAIN_MS,
    });
    request
      .on("error", (error) => resolve(String(error)))
      .on("timeout", () => request.destroy(new Error("no answer in time")))
      .on("response", (response) => {
        response.resume().on("end", () => resolve(response.statusCode ?? 0));
      });
    request.end(text ? JSON.stringify({ text }) : undefined);
  });
}

/** Opens connections that send these bytes and then nothing. Resolves once all are open. */
async function flood(stack: Stack, count: number, bytes: string): Promise<net.Socket[]> {
  const { hostname, port } = new URL(stack.url);
  const sockets: net.Socket[] = [];
  const open = () =>
    new Promise<void>((resolve) => {
      const socket = net.connect({ host: hostname, port: Number(port), localAddress: FLOODER });
      sockets.push(socket);
      socket.on("connect", () => socket.write(bytes, () => resolve()));
      // The front may drop the connection at any time; that counts as its answer.
      socket.on("error", () => {}).on("close", () => resolve());
      socket.resume();
    });
  while (sockets.length < count) await Promise.all(Array.from({ length: BATCH }, open));
  return sockets;
}

/** Open descriptors of the front and of the processes behind it. */
function descriptors(stack: Stack): { front: number; behind: number } {
  const groups = stack.groups();
  const sums = { front: 0, behind: 0 };
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const [, fields = ""] = readFileSync(`/proc/${pid}/stat`, "utf8").split(/\) (?=\w )/);
      const isBehind = groups.includes(Number(fields.split(" ")[2]));
      if (!isBehind && Number(pid) !== stack.process.pid) continue;
      sums[isBehind ? "behind" : "front"] += readdirSync(`/proc/${pid}/fd`).length;
    } catch {
      // The process has just ended.
    }
  }
  return sums;
}

function logBytes(stack: Stack): number {
  const logs = path.join(stack.stateDir, "logs");
  return readdirSync(logs).reduce((sum, name) => sum + statSync(path.join(logs, name)).size, 0);
}

const POST = "POST /api/comments HTTP/1.1\r\nHost: wall\r\nContent-Type: application/json\r\n";

for (const [title, count, bytes] of [
  ["6,000 posts that stop after four bytes", 6_000, `${POST}Content-Length: 100\r\n\r\n{"te`],
  [
    "6,000 posts in chunks without an end",
    6_000,
    `${POST}Transfer-Encoding: chunked\r\n\r\n4\r\n{"te`,
  ],
  ["9,000 halves of a header", 9_000, "GET /api/comments HTTP/1.1\r\nHost: wall\r\nX-Ha"],
] as const) {
  test(
    `${title}: other clients are served, and the wall recovers`,
    LONG,
    async ({ startStack }) => {
      test.skip(process.platform !== "linux", "needs 127.0.0.2 and /proc");
      const stack = await startStack();
      expect(await ask(stack, OTHER)).toBe(200);
      const before = descriptors(stack);

      const sockets = await flood(stack, count, bytes);
      expect(await ask(stack, OTHER, "in the midst of a flood")).toBe(201);
      for (let read = 0; read < 10; read += 1) expect(await ask(stack, OTHER)).toBe(200);
      // The front only forwards complete requests, so the runtime sees none of these.
      expect(descriptors(stack).behind).toBeLessThan(before.behind + SPARE_DESCRIPTORS);

      for (const socket of sockets) socket.destroy();
      await until("the front's descriptors", WELL_AGAIN_MS, () => {
        return descriptors(stack).front < before.front + SPARE_DESCRIPTORS;
      });
      expect(await ask(stack, FLOODER)).toBe(200);
      expect(await ask(stack, OTHER)).toBe(200);
      expect(logBytes(stack)).toBeLessThan(LOGS_MAX_BYTES);
    },
  );
}
