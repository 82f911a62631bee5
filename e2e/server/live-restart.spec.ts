/** A restart of the Worker under many open channels, each held by the page's own code. */
import http from "node:http";
import { createRequire } from "node:module";
import { setTimeout as delay } from "node:timers/promises";
import { ApiError } from "#client/api/request";
import { Channel, type Socket } from "#client/live/channel";
import type { ReadAnswer } from "#client/wall/api";
import { Wall } from "#client/wall/wall";
import type { WallQuery } from "#client/wall/wall-store";
import { PAGE_POLL_INTERVAL_MS } from "#schema/limits";
import { LIVE_SOCKETS_PER_NETWORK, liveUrl } from "#schema/live/messages";
import type { Read } from "#schema/read";
import type { Status } from "#schema/status";
import { afterTimeout } from "../../client/live/clocks";
import { expect, LONG, test } from "../fixtures";
import { type Stack, until } from "../stack";

const READERS = 500;
const PATIENCE_MS = 120_000;
const SAMPLE_MS = 500;

type ClientSocket = Socket & { on(event: "error", listener: () => void): unknown };
const WebSocket: new (url: string, options: object) => ClientSocket = createRequire(
  import.meta.url,
)("ws");

/** The loopback addresses of readers: one network has a limit of sockets. */
function addressOf(reader: number): string {
  return `127.0.1.${1 + Math.floor(reader / LIVE_SOCKETS_PER_NETWORK)}`;
}

/** When readers opened sockets and asked over HTTP, in ms of `performance.now()`. */
interface Traffic {
  connects: number[];
  reads: number[];
}

/** A page without a browser: the wall and the channel that it runs, its polls included. */
class Reader {
  readonly wall: Wall;
  readonly channel: Channel;
  readonly #url: string;
  readonly #from: string;
  readonly #traffic: Traffic;
  #polling: NodeJS.Timeout | undefined;

  constructor(url: string, from: string, traffic: Traffic) {
    this.#url = url;
    this.#from = from;
    this.#traffic = traffic;
    const unused = () => {
      throw new Error("a reader only reads");
    };
    this.wall = new Wall({
      read: (query) => this.#read(query),
      readHistory: unused,
      post: unused,
      makeNonce: unused,
      now: Date.now,
      isOnline: () => true,
      random: Math.random,
    });
    const poll = () => void this.wall.poll().catch(() => {});
    this.channel = new Channel({
      open: (since) => {
        traffic.connects.push(performance.now());
        const socket = new WebSocket(liveUrl(url, since), { localAddress: from });
        // Its `close` follows.
        socket.on("error", () => {});
        return socket;
      },
      wall: this.wall,
      pollNow: poll,
      isVisible: () => true,
      now: Date.now,
      monotonic: () => performance.now(),
      after: afterTimeout,
      random: Math.random,
    });
    this.wall.live = this.channel;
    this.#polling = setInterval(poll, PAGE_POLL_INTERVAL_MS);
  }

  get texts(): string[] {
    return this.wall.store.snapshot().comments.map(({ text }) => text);
  }

  stop(): void {
    clearInterval(this.#polling);
    this.channel.stop();
  }

  #read({ since }: WallQuery): Promise<ReadAnswer> {
    this.#traffic.reads.push(performance.now());
    const query = since ? `?since=${since}` : "";
    return new Promise((resolve, reject) => {
      const fail = () => reject(new ApiError(0));
      const asked = http.get(`${this.#url}/api/comments${query}`, { localAddress: this.#from });
      asked.on("error", fail).on("response", (response) => {
        let body = "";
        response
          .setEncoding("utf8")
          .on("data", (part) => {
            body += part;
          })
          .on("error", fail)
          .on("end", () => {
            if (response.statusCode !== 200) return reject(new ApiError(response.statusCode ?? 0));
            const read = JSON.parse(body) as Read;
            resolve({ read, rebuiltAt: read.rebuiltAt, etag: null, answeredAt: null });
          });
      });
    });
  }
}

async function post(stack: Stack, text: string): Promise<boolean> {
  const response = await fetch(`${stack.url}/api/comments`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${stack.botToken}` },
    body: JSON.stringify({ text, nonce: `restart-${text.replace(/\W/g, "-")}` }),
  }).catch(() => null);
  return response?.ok ?? false;
}

async function statusOf(stack: Stack): Promise<Status | null> {
  const response = await fetch(`${stack.url}/api/status`).catch(() => null);
  return response?.ok ? ((await response.json()) as Status) : null;
}

/** The most events within any second. */
function peakPerSecond(times: readonly number[]): number {
  let [most, start] = [0, 0];
  const sorted = [...times].sort((a, b) => a - b);
  for (const [index, time] of sorted.entries()) {
    while (time - (sorted[start] ?? 0) > 1_000) start += 1;
    most = Math.max(most, index - start + 1);
  }
  return most;
}

test(
  `after a restart ${READERS} open channels come back, and miss nothing`,
  LONG,
  async ({ startStack }) => {
    test.skip(process.platform !== "linux", "needs further loopback addresses");
    test.setTimeout(6 * PATIENCE_MS);
    const stack = await startStack({ env: { LEDGER: "sqlite" } });
    const traffic: Traffic = { connects: [], reads: [] };
    const readers = Array.from(
      { length: READERS },
      (_, index) => new Reader(stack.url, addressOf(index), traffic),
    );
    const missing = (text: string) => readers.filter(({ texts }) => !texts.includes(text)).length;
    const away = () => readers.filter(({ channel }) => !channel.vouches()).length;
    try {
      expect(await post(stack, "long before")).toBe(true);
      for (const reader of readers) {
        await reader.wall.poll();
        reader.channel.start();
      }
      await until("all channels", PATIENCE_MS, () => away() === 0);
      expect(await post(stack, "before")).toBe(true);
      await until("the message before", PATIENCE_MS, () => missing("before") === 0);

      traffic.connects.length = 0;
      traffic.reads.length = 0;
      const killedAt = performance.now();
      /** The single writer's own counts, which begin with its new incarnation. */
      const samples: { at: number; status: Status }[] = [];
      let isSampling = true;
      const sampling = (async () => {
        while (isSampling) {
          const status = await statusOf(stack);
          if (status) samples.push({ at: performance.now(), status });
          await delay(SAMPLE_MS);
        }
      })();
      await stack.restartWorker();
      await until("the first message after", PATIENCE_MS, () => post(stack, "meanwhile"));
      const servesAt = performance.now();
      /** When each reader was back, in ms after the wall served again. */
      const backMs: number[] = [];
      const back = new Set<Reader>();
      await until("all channels again", PATIENCE_MS, () => {
        for (const reader of readers) {
          if (back.has(reader) || !reader.channel.vouches()) continue;
          back.add(reader);
          backMs.push(performance.now() - servesAt);
        }
        return back.size === READERS;
      });
      const { connects, reads } = { connects: [...traffic.connects], reads: [...traffic.reads] };
      expect(await post(stack, "after")).toBe(true);
      await until("the message after", PATIENCE_MS, () => missing("after") === 0);
      isSampling = false;
      await sampling;

      for (const { wall, texts } of readers) {
        expect(texts).toEqual(["long before", "before", "meanwhile", "after"]);
        expect(wall.isFailing()).toBe(false);
      }
      const rates = samples.slice(1).map(({ at, status }, index) => {
        const before = samples[index] as (typeof samples)[0];
        const syncs = (status.operations.sync ?? 0) - (before.status.operations.sync ?? 0);
        return (syncs * 1_000) / (at - before.at);
      });
      const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
      backMs.sort((a, b) => a - b);
      const figures = [
        `away for ${seconds(servesAt - killedAt)}`,
        `half back after ${seconds(backMs[READERS / 2] ?? 0)}, all after ${seconds(backMs.at(-1) ?? 0)}`,
        `${connects.length} connects, at most ${peakPerSecond(connects)} a second`,
        `${reads.length} reads, at most ${peakPerSecond(reads)} a second`,
        `at most ${Math.max(...rates).toFixed(1)} syncs a second, ${samples.at(-1)?.status.operations.sync} in all`,
      ].join("; ");
      console.log(figures);
      test.info().annotations.push({ type: "figures", description: figures });
    } finally {
      for (const reader of readers) reader.stop();
    }
  },
);
