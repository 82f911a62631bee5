/**
 * Abuses the live channel of a server: broken messages, floods, sockets that never read, thousands of connects from
 * one network, foreign origins. The wall must refuse each as documented, and go on.
 */
import { CLOSE, LIVE_PATH, LIVE_SOCKETS_PER_NETWORK } from "#schema/live/messages";
import type { Random } from "../scripts/command/random.mjs";

/** Closed by the wall or the runtime for a message that can't be taken. Never 1011: an error of the wall. */
const REFUSING_CODES = [1002, 1006, 1007, 1008, 1009];

const LANES = 12;
const DEADLINE_MS = 30_000;

const CONNECTS = 2_000;
const FLOOD = 1_000;
const FLOOD_POSTS = 60;
/** More than a socket may owe, twice over. */
const UNREAD_POSTS = 700;
const LONG_TEXT = "x".repeat(900);
const SLOW_SOCKETS = 5;

interface Socket {
  on(event: "message", listener: (data: Buffer) => void): unknown;
  on(event: "close", listener: (code: number) => void): unknown;
  on(event: "open", listener: () => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  send(data: string | Uint8Array): void;
  terminate(): void;
  pause(): void;
}

export interface LiveOptions {
  url: string;
  botToken: string;
  random: Random;
  /** Number of broken messages. */
  messages: number;
  /** Opens a socket, of the `ws` package. */
  connect: (url: string, headers: Record<string, string>) => Socket;
  onProgress: (done: number) => void;
}

export interface LiveReport {
  finding: string | null;
  /** Observations by kind. */
  counts: Record<string, number>;
}

/** An upgrade's end: an open socket, or the status that refused it. */
type Opened = { socket: Socket; first: string } | { status: number };

export class LiveFuzzer {
  readonly #options: LiveOptions;
  readonly #counts: Record<string, number> = {};

  constructor(options: LiveOptions) {
    this.#options = options;
  }

  /** Runs all abuses, until the first that the wall does not bear. */
  async run(): Promise<LiveReport> {
    try {
      await this.#brokenMessages();
      await this.#strangers();
      await this.#flood();
      await this.#floodOfPosts();
      await this.#connects();
      await this.#neverRead();
      await this.#stillServes();
      return { finding: null, counts: this.#counts };
    } catch (error) {
      return { finding: String(error), counts: this.#counts };
    }
  }

  async #brokenMessages(): Promise<void> {
    const { messages, random, onProgress } = this.#options;
    let sent = 0;
    const lane = async () => {
      while (sent < messages) {
        sent += 1;
        onProgress(sent);
        const message = brokenMessage(random);
        const { socket } = await this.#openOne();
        const end = this.#answerOrEnd(socket);
        socket.send(message);
        // A message that is ignored or answered leaves the channel working.
        socket.send("ping");
        const what = await end;
        this.#count(`broken message: ${what}`);
        socket.terminate();
        const isBorne = what === "pong" || what === "refused" || isRefusal(what);
        if (!isBorne)
          throw new Error(`${what} for ${JSON.stringify(String(message).slice(0, 200))}`);
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
  }

  async #strangers(): Promise<void> {
    for (const origin of ["https://evil.example", "null", "http://127.0.0.1:1", "file://"]) {
      const opened = await this.#open({ Origin: origin });
      this.#expect(opened, 403, `an upgrade from ${origin}`);
    }
    for (const since of ["", "x", "abcdefgh", "abcdefgh.-1", "%00", "a".repeat(5_000)])
      this.#expect(await this.#open({}, since), 400, `an upgrade with since=${since.slice(0, 20)}`);
    const plain = await fetch(`${this.#options.url}${LIVE_PATH}?since=abcdefgh.1`);
    if (plain.status !== 426) throw new Error(`a plain GET got ${plain.status}`);
    this.#count("plain GET: 426");
  }

  /** Valid messages, far too many. */
  async #flood(): Promise<void> {
    const { socket, first } = await this.#openOne();
    const closed = this.#closed(socket);
    const { cursor } = JSON.parse(first);
    for (let sent = 0; sent < FLOOD; sent += 1) socket.send(JSON.stringify({ seen: cursor }));
    const code = await closed;
    this.#count(`flood of messages: closed with ${code}`);
    if (code !== CLOSE.violation) throw new Error(`${FLOOD} messages at once: closed with ${code}`);
  }

  /** Posts beyond the limit are refused, and a sender that continues is closed. */
  async #floodOfPosts(): Promise<void> {
    const { socket } = await this.#openOne();
    const closed = this.#closed(socket);
    let [posted, refused] = [0, 0];
    socket.on("message", (data) => {
      const message = JSON.parse(String(data));
      if ("posted" in message) posted += 1;
      if ("refused" in message) refused += 1;
    });
    for (let sent = 0; sent < FLOOD_POSTS; sent += 1)
      socket.send(JSON.stringify({ post: { text: `flood ${sent}`, nonce: `flood-post-${sent}` } }));
    const code = await closed;
    this.#count(`flood of posts: ${posted} stored, ${refused} refused, closed with ${code}`);
    // A minute may end within the flood.
    if (code !== CLOSE.violation || posted > 2 * 20)
      throw new Error(`${posted} of a flood were stored`);
  }

  /** Thousands of connects of one network: some are open at a time, and afterwards it can connect again. */
  async #connects(): Promise<void> {
    const open: Socket[] = [];
    let asked = 0;
    const lane = async () => {
      while (asked < CONNECTS) {
        asked += 1;
        const opened = await this.#open();
        if ("status" in opened) this.#count(`connect: ${opened.status}`);
        else {
          this.#count("connect: open");
          open.push(opened.socket);
        }
        if ("status" in opened && opened.status !== 429)
          throw new Error(`a connect too many got ${opened.status}`);
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    if (open.length > LIVE_SOCKETS_PER_NETWORK)
      throw new Error(`${open.length} channels of one network are open`);
    for (const socket of open) socket.terminate();
    await this.#openOne().then(({ socket }) => socket.terminate());
  }

  /** Sockets that stop reading while the wall has much to say are closed, and others hear everything. */
  async #neverRead(): Promise<void> {
    const before = await this.#closedSlow();
    const slow: Socket[] = [];
    for (let index = 0; index < SLOW_SOCKETS; index += 1) {
      const { socket } = await this.#openOne();
      socket.pause();
      slow.push(socket);
    }
    for (let sent = 0; sent < UNREAD_POSTS; sent += 1) await this.#post(`${sent} ${LONG_TEXT}`);
    const deadline = Date.now() + DEADLINE_MS;
    let closed = 0;
    while (closed < SLOW_SOCKETS && Date.now() < deadline) {
      closed = (await this.#closedSlow()) - before;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    this.#count(`never read: ${closed} of ${SLOW_SOCKETS} closed with ${CLOSE.tryAgainLater}`);
    for (const socket of slow) socket.terminate();
    if (closed < SLOW_SOCKETS)
      throw new Error(`${SLOW_SOCKETS - closed} unread channels stayed open`);
  }

  async #stillServes(): Promise<void> {
    const { socket } = await this.#openOne();
    const heard = new Promise<void>((resolve, reject) => {
      setTimeout(() => reject(new Error("no frame after the abuse")), DEADLINE_MS);
      socket.on("message", (data) => String(data).includes("after the abuse") && resolve());
    });
    await this.#post("after the abuse");
    await heard;
    socket.terminate();
    const status = await this.#status();
    if (!status.ok) throw new Error("the status is not ok after the abuse");
  }

  /** Opens a channel; waits while closed ones still count. */
  async #openOne(): Promise<{ socket: Socket; first: string }> {
    const deadline = Date.now() + DEADLINE_MS;
    for (;;) {
      const opened = await this.#open();
      if ("socket" in opened) return opened;
      if (![429, 503].includes(opened.status) || Date.now() > deadline)
        throw new Error(`a channel was refused with ${opened.status}`);
      this.#count(`connect: ${opened.status}, retried`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async #open(headers: Record<string, string> = {}, since?: string): Promise<Opened> {
    const { url, connect } = this.#options;
    const cursor = since ?? "abcdefgh.1";
    const socket = connect(`${url.replace(/^http/, "ws")}${LIVE_PATH}?since=${cursor}`, headers);
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error("an upgrade got no answer")), DEADLINE_MS);
      const end = (opened: Opened) => {
        clearTimeout(late);
        resolve(opened);
      };
      socket.on("message", (data) => end({ socket, first: String(data) }));
      socket.on("close", () => end({ status: 0 }));
      socket.on("error", ({ message }) => {
        const [, status] = /server response: (\d{3})/.exec(message) ?? [];
        end({ status: Number(status ?? 0) });
      });
    });
  }

  /** The effect of a message: a refusal, the answer to the ping behind it, or the channel's end. */
  #answerOrEnd(socket: Socket): Promise<string> {
    return new Promise((resolve) => {
      const late = setTimeout(() => resolve("nothing"), DEADLINE_MS);
      const end = (what: string) => {
        clearTimeout(late);
        resolve(what);
      };
      let wasRefused = false;
      socket.on("message", (data) => {
        const text = String(data);
        if (text === "pong") end(wasRefused ? "refused" : "pong");
        else if (text.includes('"refused"')) wasRefused = true;
      });
      socket.on("close", (code) => end(`closed with ${code}`));
    });
  }

  #closed(socket: Socket): Promise<number> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error("a flood was not closed")), DEADLINE_MS);
      socket.on("close", (code) => {
        clearTimeout(late);
        resolve(code);
      });
    });
  }

  #expect(opened: Opened, status: number, what: string): void {
    const got = "status" in opened ? opened.status : 101;
    if ("socket" in opened) opened.socket.terminate();
    if (got !== status) throw new Error(`${what} got ${got} instead of ${status}`);
    this.#count(`refused upgrade: ${status}`);
  }

  /** With the bots' token, which no limit applies to. */
  async #post(text: string): Promise<void> {
    const { url, botToken } = this.#options;
    const response = await fetch(`${url}/api/comments`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${botToken}` },
      body: JSON.stringify({ text, type: "bot", username: "fuzz" }),
    });
    await response.arrayBuffer();
    if (response.status !== 201) throw new Error(`a post got ${response.status}`);
  }

  async #closedSlow(): Promise<number> {
    const { live } = await this.#status();
    return live?.closed[CLOSE.tryAgainLater] ?? 0;
  }

  async #status(): Promise<{ ok: boolean; live?: { closed: Record<string, number> } }> {
    return (await fetch(`${this.#options.url}/api/status`)).json();
  }

  #count(kind: string): void {
    this.#counts[kind] = (this.#counts[kind] ?? 0) + 1;
  }
}

function isRefusal(what: string): boolean {
  return REFUSING_CODES.some((code) => what === `closed with ${code}`);
}

const FRAGMENTS = [
  "",
  "{",
  "null",
  "[]",
  "0",
  '"ping"',
  "PING",
  "pong",
  "{}",
  '{"post":1}',
  '{"post":null}',
  '{"post":{}}',
  '{"post":{"nonce":1,"text":"a"}}',
  '{"post":{"nonce":"short","text":"a"}}',
  '{"post":{"nonce":"long-enough","text":""}}',
  '{"post":{"nonce":"long-enough","text":"a","type":"bot"}}',
  '{"post":{"nonce":"long-enough","text":"a","unknown":1}}',
  '{"post":{"nonce":"long-enough","text":"a"},"seen":"abcdefgh.1"}',
  '{"post":{"__proto__":{"nonce":"long-enough"},"text":"a"}}',
  '{"seen":1}',
  '{"seen":""}',
  '{"seen":"abcdefgh.1"}',
  '{"seen":"abcdefgh.99999999999999999999"}',
  '{"seen":"abcdefgh.9007199254740991"}',
  '{"here":1}',
  '{"since":"abcdefgh.1","comments":[]}',
];

/** Text or bytes that are no valid message, or hardly. */
function brokenMessage(random: Random): string | Uint8Array {
  const fragment = FRAGMENTS[random.integer(0, FRAGMENTS.length - 1)] ?? "";
  switch (random.integer(0, 6)) {
    case 0:
      return Uint8Array.from({ length: random.integer(0, 300) }, () => random.integer(0, 255));
    case 1:
      return fragment.repeat(random.integer(1, 400));
    case 2:
      return "[".repeat(random.integer(1, 5_000));
    case 3:
      return `{"post":{"nonce":"long-enough","text":"${"é".repeat(random.integer(3_000, 9_000))}"}}`;
    case 4:
      return fragment.slice(0, random.integer(0, fragment.length));
    case 5:
      return String.fromCharCode(
        ...Array.from({ length: random.integer(1, 200) }, () => random.integer(0, 0xd7ff)),
      );
    default:
      return fragment;
  }
}
