import http from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import { WebSocketServer } from "ws";
import { whyNoChannel } from "./live.mjs";

const FRAME = JSON.stringify({
  since: "abcdefgh.7",
  comments: [],
  cursor: "abcdefgh.7",
  auditS: 60,
});

type Upgrade = (request: http.IncomingMessage, socket: Duplex, head: Buffer) => void;

/** A wall that answers upgrades like this. */
async function wallWith(upgrade?: Upgrade) {
  const asked: string[] = [];
  const sockets = new Set<Duplex>();
  const server = http.createServer((request, response) => {
    asked.push(request.url ?? "");
    if (request.url?.startsWith("/api/live")) response.writeHead(404).end("{}");
    else response.end(JSON.stringify({ comments: [], cursor: "abcdefgh.7" }));
  });
  if (upgrade)
    server.on("upgrade", (request, socket, head) => {
      asked.push(request.url ?? "");
      sockets.add(socket);
      socket.on("error", () => {});
      upgrade(request, socket, head);
    });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

test("a wall whose channel opens has nothing to report", async () => {
  const sockets = new WebSocketServer({ noServer: true });
  const { url, asked } = await wallWith((request, socket, head) =>
    sockets.handleUpgrade(request, socket, head, (channel) => channel.send(FRAME)),
  );
  expect(await whyNoChannel(url, 5_000)).toBeNull();
  expect(asked).toEqual(["/api/comments?limit=1", "/api/live?since=abcdefgh.7"]);
});

const sockets = new WebSocketServer({ noServer: true });

test.each<[string, Upgrade | undefined, string]>([
  ["does not upgrade", undefined, "refused with 404"],
  ["refuses", (_, socket) => socket.end("HTTP/1.1 403 No\r\n\r\n"), "refused with 403"],
  ["hangs", () => {}, "no frame within 0.3 s"],
  ["hangs up", (_, socket) => socket.destroy(), "socket hang up"],
  [
    "upgrades and says nothing",
    (request, socket, head) => sockets.handleUpgrade(request, socket, head, () => {}),
    "no frame within 0.3 s",
  ],
  [
    "upgrades and closes",
    (request, socket, head) => sockets.handleUpgrade(request, socket, head, (to) => to.terminate()),
    "closed before its first frame",
  ],
])("the reason is given for a wall that %s", async (_, upgrade, reason) => {
  const { url } = await wallWith(upgrade);
  expect(await whyNoChannel(url, 300)).toBe(reason);
});

test("a wall that can't be reached is reported, not thrown", async () => {
  expect(await whyNoChannel("http://127.0.0.1:1", 300)).not.toBeNull();
});
