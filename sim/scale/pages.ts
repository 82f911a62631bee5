/** The pages of one region, and their sockets: what each of them gets, and how it goes on. */
import { IN_STEP_WITHIN_MS } from "#client/live/channel";
import { type Cursor, parseCursor } from "#schema/cursor";
import { PAGE_POLL_INTERVAL_MS, WINDOW_SIZE } from "#schema/limits";
import { type Frame, LIVE_SEEN_EVERY_BYTES } from "#schema/live/messages";
import type { Read, ReadQuery } from "#schema/read";
import type { LiveSocket, SocketHost, SocketNote } from "#worker/live/socket";
import type { Scheduler } from "../platform/scheduler";
import type { RegionalHub } from "./hub";
import { Marks, type Messages } from "./messages";

/** A page whose socket was closed opens another one after this long. */
const REOPEN_MS = 2_000;

const LEFT = 1_001;

/**
 * A removal makes room in the window, and the message that enters it again is sent again, as a change of its own. It is
 * about so many messages old; the margin is for messages on their way.
 */
const REENTRY_MIN = WINDOW_SIZE - 50;

/** Changes as the pages take them, parsed once for all sockets that get the same text. */
interface Changes {
  comments: readonly number[];
  removed: readonly number[];
  cursor: Cursor;
  isGap: boolean;
  isMore: boolean;
}

export interface Totals {
  /** A page got a message that it had, in a frame that continued from its cursor. */
  repeated: number;
  /** A page got a message whose removal it had got before. */
  afterRemoval: number;
  /** A page's cursor was out of reach, and it read the window again. */
  gaps: number;
  polls: number;
  confirmations: number;
  opened: number;
  closedByHub: number;
  refused: number;
  frames: number;
  bytes: number;
  /** The time between a page's audits that the newest frame named, in seconds. */
  auditS: number;
}

export interface RegionParts {
  scheduler: Scheduler;
  messages: Messages;
  /** An upper bound of the number of messages. */
  messagesMax: number;
  totals: Totals;
  hub: RegionalHub<PageSocket>;
  /** The answer of an isolate in this region to a poll. */
  poll: (query: ReadQuery) => Promise<Read>;
}

export class Region implements SocketHost<PageSocket> {
  readonly pages: Page[] = [];
  /** Frames sent in each second, since the simulation started. */
  readonly framesBySecond: number[] = [];
  parts!: RegionParts;
  readonly #byNetwork = new Map<string, Page>();
  readonly #sockets = new Set<PageSocket>();
  readonly #byTag = new Map<string, Set<PageSocket>>();
  #text = "";
  #changes: { since: Cursor; changes: Changes } | null = null;

  add(page: Page): void {
    this.pages.push(page);
    this.#byNetwork.set(page.network, page);
  }

  open(tag?: string): readonly PageSocket[] {
    return [...this.#of(tag)];
  }

  count(tag?: string): number {
    return this.#of(tag).size;
  }

  accept(tags: readonly string[], note: SocketNote) {
    const page = this.#byNetwork.get(note.network);
    if (!page) throw new Error("no page has this network");
    const socket = new PageSocket(page, tags, note);
    this.#sockets.add(socket);
    for (const tag of tags) this.#byTag.set(tag, new Set([...this.#of(tag), socket]));
    return { socket, client: socket };
  }

  drop(socket: PageSocket): void {
    this.#sockets.delete(socket);
    for (const tag of socket.tags) this.#byTag.get(tag)?.delete(socket);
  }

  /** The hub is evicted: its sockets keep only their notes. */
  forgetUnseen(): void {
    for (const socket of this.#sockets) socket.unseen = undefined;
  }

  frame(text: string) {
    const { scheduler, totals } = this.parts;
    totals.frames += 1;
    totals.bytes += text.length;
    const second = Math.floor(scheduler.now / 1_000);
    this.framesBySecond[second] = (this.framesBySecond[second] ?? 0) + 1;
    if (this.#changes && text === this.#text) return this.#changes;
    const frame: Frame = JSON.parse(text);
    this.#text = text;
    totals.auditS = frame.auditS ?? 0;
    this.#changes = { since: cursorOf(frame.since), changes: this.changesOf(frame) };
    return this.#changes;
  }

  changesOf({ comments, removed, cursor, gap, more }: Read): Changes {
    const { messages } = this.parts;
    return {
      comments: comments.map(({ id }) => messages.indexOf(id)),
      removed: removed.map((id) => messages.indexOf(id)),
      cursor: cursorOf(cursor),
      isGap: gap,
      isMore: more === true,
    };
  }

  #of(tag?: string): Set<PageSocket> {
    return tag === undefined ? this.#sockets : (this.#byTag.get(tag) ?? new Set());
  }
}

export class PageSocket implements LiveSocket {
  unseen: number | undefined;
  note: SocketNote;
  isOpen = true;
  readonly tags: readonly string[];
  readonly page: Page;

  constructor(page: Page, tags: readonly string[], note: SocketNote) {
    this.page = page;
    this.tags = tags;
    this.note = note;
  }

  send(text: string): void {
    if (!this.isOpen) throw new Error("simulated: the socket is closed");
    this.page.hear(this, text);
  }

  close(): void {
    if (this.isOpen) this.page.closedByHub(this);
  }
}

export class Page {
  readonly network: string;
  readonly region: Region;
  /** One way between the page and its hub, in ms. */
  readonly lastMileMs: number;
  readonly got: Marks;
  readonly gone: Marks;
  #cursor: Cursor;
  #socket: PageSocket | null = null;
  #openedAt = 0;
  /** The sequence at the end of the newest frame. */
  #heard = 0;
  #unconfirmedBytes = 0;
  #isPolling = false;

  constructor(region: Region, network: string, lastMileMs: number, cursor: Cursor) {
    this.region = region;
    this.network = network;
    this.lastMileMs = lastMileMs;
    this.#cursor = cursor;
    this.got = new Marks(region.parts.messagesMax);
    this.gone = new Marks(region.parts.messagesMax);
  }

  get isOpen(): boolean {
    return this.#socket !== null;
  }

  /** Opens a channel that continues from the page's cursor. */
  async open(): Promise<void> {
    const { hub, scheduler, totals } = this.region.parts;
    await scheduler.sleep(this.lastMileMs);
    this.#openedAt = scheduler.now;
    const opening = { wall: "main", since: this.#cursor, network: this.network };
    const opened = await hub.open(opening);
    if (!opened.ok) {
      totals.refused += 1;
      scheduler.after(REOPEN_MS, () => void this.open());
      return;
    }
    totals.opened += 1;
  }

  leave(): void {
    const { hub } = this.region.parts;
    const socket = this.#socket;
    if (!socket) return;
    this.#forget(socket);
    hub.closed(socket, LEFT);
  }

  post(nonce: string, text: string): void {
    this.#send({ post: { nonce, text } }, this.lastMileMs);
  }

  hear(socket: PageSocket, text: string): void {
    this.#socket ??= socket;
    this.#unconfirmedBytes += text.length;
    if (text.startsWith('{"since"')) this.#frame(text);
    else if (text.startsWith('{"refused"')) this.region.parts.totals.refused += 1;
    if (this.#unconfirmedBytes < LIVE_SEEN_EVERY_BYTES) return;
    this.#unconfirmedBytes = 0;
    this.region.parts.totals.confirmations += 1;
    this.#send({ seen: `${this.#cursor.store}.${this.#heard}` }, 2 * this.lastMileMs);
  }

  closedByHub(socket: PageSocket): void {
    const { totals, scheduler } = this.region.parts;
    totals.closedByHub += 1;
    this.#forget(socket);
    scheduler.after(REOPEN_MS, () => void this.open());
  }

  #frame(text: string): void {
    const { since, changes } = this.region.frame(text);
    this.#heard = changes.cursor.sequence;
    if (since.store !== this.#cursor.store || since.sequence > this.#cursor.sequence) {
      void this.#catchUp(false);
      return;
    }
    const continues = since.sequence === this.#cursor.sequence;
    if (!changes.isGap) this.#take(changes, this.lastMileMs, continues);
    if (changes.isGap || changes.isMore) void this.#catchUp(true);
  }

  /**
   * Polls until nothing is left, as the shipped page does (client/live/channel.ts). An answer may be a second older than
   * the frame: then the page polls at its own pace, and opens another channel if that does not help.
   */
  async #catchUp(reopens: boolean): Promise<void> {
    if (this.#isPolling) return;
    this.#isPolling = true;
    const { scheduler } = this.region.parts;
    await this.#pollToEnd();
    for (let waitedMs = 0; !reopens && this.#isBehind; waitedMs += PAGE_POLL_INTERVAL_MS) {
      reopens = waitedMs >= IN_STEP_WITHIN_MS;
      if (reopens) break;
      await scheduler.sleep(PAGE_POLL_INTERVAL_MS);
      if (this.#isBehind) await this.#pollToEnd();
    }
    this.#isPolling = false;
    if (!reopens || !this.isOpen) return;
    this.leave();
    void this.open();
  }

  get #isBehind(): boolean {
    return this.#cursor.sequence < this.#heard;
  }

  async #pollToEnd(): Promise<void> {
    const { poll, totals, scheduler } = this.region.parts;
    for (let isMore = true; isMore; ) {
      totals.polls += 1;
      await scheduler.sleep(this.lastMileMs);
      const since = this.#cursor;
      let read = await poll({ since, limit: WINDOW_SIZE });
      await scheduler.sleep(this.lastMileMs);
      if (read.gap) {
        totals.gaps += 1;
        read = await poll({ limit: WINDOW_SIZE });
      }
      this.#take(this.region.changesOf(read), 0, false);
      isMore = read.more === true;
    }
  }

  #take({ comments, removed, cursor }: Changes, wayMs: number, continues: boolean): void {
    const { messages, totals, scheduler } = this.region.parts;
    if (cursor.sequence < this.#cursor.sequence) return;
    const at = scheduler.now + wayMs;
    for (const index of comments) {
      if (this.gone.has(index)) totals.afterRemoval += 1;
      if (this.got.mark(index)) {
        if (continues && messages.size - index < REENTRY_MIN) totals.repeated += 1;
        continue;
      }
      // A page that was away gets older ones when it is back.
      if ((messages.acknowledgedAt[index] ?? at) >= this.#openedAt) messages.gotAt(index, at);
    }
    // A message that was removed before this page got it leaves two removals: one in its place, and the removal itself.
    for (const index of removed)
      if (this.gone.mark(index) && continues && this.got.has(index)) totals.repeated += 1;
    this.#cursor = cursor;
  }

  #forget(socket: PageSocket): void {
    socket.isOpen = false;
    this.#socket = null;
    this.#unconfirmedBytes = 0;
    this.region.drop(socket);
  }

  #send(message: object, wayMs: number): void {
    const { hub, scheduler } = this.region.parts;
    const socket = this.#socket;
    if (!socket) return;
    scheduler.after(wayMs, () => {
      if (socket.isOpen) void hub.message(socket, JSON.stringify(message));
    });
  }
}

function cursorOf(text: string): Cursor {
  const cursor = parseCursor(text);
  if (!cursor) throw new Error(`no cursor: ${text}`);
  return cursor;
}
