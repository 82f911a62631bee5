/**
 * The sockets of the live channel, with the faults of a network and of a runtime: refused, late, lost, held up, dropped,
 * half open. They belong to the object, not to an incarnation: they survive hibernation with their notes, and the
 * runtime answers pings meanwhile.
 */
import { PING, PONG } from "#schema/live/messages";
import type { LiveSocket, SocketHost, SocketNote } from "#worker/live/socket";
import type { Random } from "../../scripts/command/random.mjs";
import type { Fault, Faults } from "../faults";
import type { Trace } from "../trace";
import { Direction } from "./direction";
import type { Scheduler } from "./scheduler";
import type { StorageHandle } from "./storage";

const HELD_UP_MAX_MS = 20_000;
/** A page that stopped reading for so long has given up its socket. */
const STOPPED_MIN_MS = 40_000;
const STOPPED_MAX_MS = 120_000;
/** The runtime finds out this late that the other end is gone. */
const GONE_FOUND_MIN_MS = 30_000;
const GONE_FOUND_MAX_MS = 150_000;
/** RFC 6455, 7.1.5. */
const LOST = 1006;

const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 3;

/** The page's end, as the page's code uses a `WebSocket`. */
export class PageSocket {
  readyState: number = CONNECTING;
  onmessage: ((event: MessageEvent) => void) | null = null;
  onclose: ((event: CloseEvent) => void) | null = null;
  /** `null` until the upgrade was answered. */
  connection: Connection | null = null;

  send(text: string): void {
    if (this.readyState === OPEN) this.connection?.fromPage(text);
  }

  close(): void {
    if (this.readyState === CLOSED) return;
    this.readyState = CLOSED;
    this.connection?.closedByPage();
  }

  /** The network reports the end of the connection. */
  lost(code = LOST): void {
    if (this.readyState === CLOSED) return;
    this.readyState = CLOSED;
    this.onclose?.({ code } as CloseEvent);
  }
}

/** A message as it leaves the object. */
export interface SentMessage {
  text: string;
  /** When the object sent it, before the output gate held it. */
  takenAt: number;
  connection: Connection;
}

export interface SocketEvents {
  /** The object has opened it. */
  openedSocket: (connection: Connection) => void;
  sent: (message: SentMessage) => void;
  /** Bytes that wait for a page which does not read. */
  unread: (bytes: number) => void;
}

interface SocketsParts {
  scheduler: Scheduler;
  random: Random;
  faults: Faults;
  trace: Trace | null;
  events: SocketEvents;
  /** Wakes the object with a page's message. */
  message: (connection: Connection, text: string) => void;
  /** Tells the object that a socket is gone. */
  closed: (connection: Connection, code: number) => void;
}

/** One socket, from end to end. */
export class Connection {
  readonly tags: readonly string[];
  note: SocketNote;
  /** The object may send to it. */
  isOpen = true;
  /** The runtime still counts it. */
  isCounted = true;
  /** The cursor that the page asked from, and the one that the first frame continues from, once they are known. */
  asked: string | null = null;
  answered: string | null = null;
  /** Whether the first frame said that the wall takes messages; `null` before it. */
  posts: boolean | null = null;
  /** When a message left that the first frame's terms were not true of any more. */
  outdatedAt: number | null = null;
  /** How long the last frame that arrived was on its way, or a message since, in ms: the longest of these. */
  delayMs = 0;
  /** The object's messages do not leave, though the runtime answers pings. */
  isMuted = false;
  readonly #parts: SocketsParts;
  readonly #up: Direction;
  readonly #down: Direction;
  #page: PageSocket | null = null;
  /** Arrivals before the upgrade's answer, which they follow on the wire. */
  #early: (() => void)[] = [];
  #unreadBytes = 0;
  /** How many frames have left the object, the newest of them that was lost, and the newest that arrived in order. */
  #frames = 0;
  #lostFrame = 0;
  #arrivedFrame = 0;

  constructor(parts: SocketsParts, tags: readonly string[], note: SocketNote) {
    this.#parts = parts;
    this.tags = tags;
    this.note = note;
    this.#up = new Direction(parts);
    this.#down = new Direction(parts);
  }

  /** The wire to the page is silent, for good or for a while. */
  get isWireSilent(): boolean {
    return this.#down.isDead || this.#down.isHeldUp;
  }

  /** A frame was lost, and none that was sent later has arrived. */
  get isFrameLost(): boolean {
    return this.#lostFrame > this.#arrivedFrame;
  }

  /** The upgrade's answer has reached the page. */
  attach(page: PageSocket): void {
    this.#page = page;
    page.connection = this;
    if (page.readyState === CLOSED) this.closedByPage();
    else page.readyState = OPEN;
    for (const arrive of this.#early.splice(0)) arrive();
  }

  /** The page never learns of this socket. */
  abandon(): void {
    this.#down.isDead = true;
    this.#findGone();
  }

  fromPage(text: string): void {
    if (this.#happens("message to the wall lost")) return;
    const { scheduler } = this.#parts;
    this.#meetFaults();
    this.#up.pass(() => {
      if (!this.isOpen) return;
      if (text !== PING) this.#parts.message(this, text);
      else this.#down.pass(() => this.#arrive(PONG, scheduler.now));
    });
  }

  closedByPage(): void {
    if (this.#happens("close lost")) {
      this.#down.isDead = true;
      this.#up.isDead = true;
      this.#findGone();
      return;
    }
    this.#up.pass(() => this.#gone(LOST));
  }

  /** The object's message has passed the output gate. */
  toPage(text: string, takenAt: number): void {
    const { events, random, scheduler } = this.#parts;
    if (!this.isOpen) return;
    events.sent({ text, takenAt, connection: this });
    this.#unreadBytes += text.length;
    events.unread(this.#unreadBytes);
    this.#meetFaults();
    const frame = isFrame(text) ? ++this.#frames : 0;
    const pass = () =>
      this.#down.pass(() => {
        this.#arrivedFrame = Math.max(this.#arrivedFrame, frame);
        this.#arrive(text, takenAt);
      });
    if (frame === 1) {
      // It follows the handshake at once; without it there is no channel.
      pass();
      return;
    }
    if (this.#happens("wall silent on a connection")) this.isMuted = true;
    const isLost = this.#happens("frame lost");
    const isLate = this.#happens("frame late");
    if (isLost || isLate || this.isMuted) {
      this.#lostFrame = Math.max(this.#lostFrame, frame);
      // It comes out of order.
      if (isLate && !this.isMuted)
        scheduler.after(random.integer(1, HELD_UP_MAX_MS), () => this.#handOutOfOrder(text));
      return;
    }
    pass();
    if (this.#happens("frame twice"))
      scheduler.after(random.integer(1, HELD_UP_MAX_MS), () => this.#handOutOfOrder(text));
  }

  /** The object closes it: what was sent before arrives before. */
  closedByWall(code: number): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#parts.trace?.add(`a live channel is closed with ${code}`);
    this.#findGone();
    this.#down.pass(() => {
      this.#end(code);
      this.#up.pass(() => this.#gone(code));
    });
  }

  /** The object answers the page's close, which nobody hears. */
  close(): void {}

  /** The runtime or the network ends it. */
  drop({ isSilent = false } = {}): void {
    if (!this.isCounted) return;
    this.isOpen = false;
    this.isCounted = false;
    if (isSilent) this.#down.isDead = true;
    else this.#down.pass(() => this.#end(LOST));
  }

  #meetFaults(): void {
    const { random } = this.#parts;
    if (this.#happens("connection half open")) {
      this.#down.isDead = true;
      if (random.chance(0.5)) this.#up.isDead = true;
      this.#findGone();
    }
    if (this.#happens("connection dropped")) {
      this.#down.pass(() => this.#end(LOST));
      this.#up.pass(() => this.#gone(LOST));
    }
    if (this.#happens("frames held up")) this.#down.holdUp(random.integer(1, HELD_UP_MAX_MS));
    if (this.#happens("page stops reading"))
      this.#down.holdUp(random.integer(STOPPED_MIN_MS, STOPPED_MAX_MS));
  }

  #arrive(text: string, sentAt: number): void {
    if (!this.#page) {
      this.#early.push(() => this.#arrive(text, sentAt));
      return;
    }
    const delayMs = this.#parts.scheduler.now - sentAt;
    this.delayMs = isFrame(text) ? delayMs : Math.max(this.delayMs, delayMs);
    this.#unreadBytes = 0;
    this.#hand(text);
  }

  /** Nothing arrives over a wire that is silent, and no frame once frames don't leave any more. */
  #handOutOfOrder(text: string): void {
    if (!this.isWireSilent && !this.isMuted) this.#hand(text);
  }

  #hand(data: string): void {
    if (this.#page?.readyState === OPEN) this.#page.onmessage?.({ data } as MessageEvent);
  }

  #end(code: number): void {
    if (this.#page) this.#page.lost(code);
    else this.#early.push(() => this.#end(code));
  }

  #gone(code: number): void {
    if (!this.isCounted) return;
    this.isCounted = false;
    this.isOpen = false;
    this.#parts.closed(this, code);
  }

  #findGone(): void {
    const { random, scheduler } = this.#parts;
    const wait = random.integer(GONE_FOUND_MIN_MS, GONE_FOUND_MAX_MS);
    scheduler.after(wait, () => this.#gone(LOST));
  }

  #happens(fault: Fault): boolean {
    return this.#parts.faults.happens(fault);
  }
}

/** Other messages bring no changes. */
function isFrame(text: string): boolean {
  return text.startsWith('{"since"');
}

/** The sockets of one object. */
export class SimSockets {
  readonly #parts: SocketsParts;
  #all: Connection[] = [];

  constructor(parts: SocketsParts) {
    this.#parts = parts;
  }

  /** The sockets as one incarnation sees them. */
  host(handle: StorageHandle): SimHost {
    return new SimHost(this, handle);
  }

  get counted(): readonly Connection[] {
    this.#all = this.#all.filter(({ isCounted }) => isCounted);
    return this.#all;
  }

  add(tags: readonly string[], note: SocketNote): Connection {
    const connection = new Connection(this.#parts, tags, note);
    this.#all.push(connection);
    return connection;
  }

  /** The object restarts: the runtime ends its sockets, and not every page learns of it. */
  dropAll(): void {
    const { faults } = this.#parts;
    for (const connection of this.counted)
      connection.drop({ isSilent: faults.happens("close lost") });
  }

  get now(): number {
    return this.#parts.scheduler.now;
  }
}

/** Like the runtime, it lets a message leave once the writes before it are durable, and never once superseded. */
export class SimHost implements SocketHost<Connection> {
  readonly #sockets: SimSockets;
  readonly #handle: StorageHandle;
  readonly #known = new WeakMap<Connection, LiveSocket>();

  constructor(sockets: SimSockets, handle: StorageHandle) {
    this.#sockets = sockets;
    this.#handle = handle;
  }

  open(tag?: string): readonly LiveSocket[] {
    if (this.#handle.superseded) return [];
    return this.#sockets.counted
      .filter(({ isOpen, tags }) => isOpen && (tag === undefined || tags.includes(tag)))
      .map((each) => this.of(each));
  }

  count(tag?: string): number {
    const { counted } = this.#sockets;
    return tag === undefined
      ? counted.length
      : counted.filter(({ tags }) => tags.includes(tag)).length;
  }

  accept(tags: readonly string[], note: SocketNote) {
    if (this.#handle.superseded) throw new Error("simulated: this incarnation was superseded");
    const client = this.#sockets.add(tags, note);
    return { socket: this.of(client), client };
  }

  of(connection: Connection): LiveSocket {
    const known = this.#known.get(connection) ?? this.#make(connection);
    this.#known.set(connection, known);
    return known;
  }

  #make(connection: Connection): LiveSocket {
    const sockets = this.#sockets;
    const handle = this.#handle;
    const leave = (work: () => void) =>
      void handle.flushed().then(() => {
        if (!handle.superseded) work();
      });
    return {
      get note() {
        return connection.note;
      },
      set note(note) {
        connection.note = structuredClone(note);
      },
      send(text) {
        if (!connection.isOpen) throw new Error("simulated: the socket is closed");
        const takenAt = sockets.now;
        leave(() => connection.toPage(text, takenAt));
      },
      close(code) {
        leave(() => connection.closedByWall(code));
      },
    };
  }
}
