/** A page that follows the live channel: the shipped wall and channel, on simulated sockets and clocks. */
import { ApiError } from "#client/api/request";
import { Channel } from "#client/live/channel";
import { Wall } from "#client/wall/wall";
import type { Comment, Draft } from "#schema/comment";
import { parseCursor } from "#schema/cursor";
import { PAGE_POLL_INTERVAL_MS } from "#schema/limits";
import type { Random } from "../scripts/command/random.mjs";
import type { Stage } from "./actors";
import type { Isolate } from "./checks/isolate-checks";
import { isStrange } from "./checks/isolate-checks";
import type { LiveChecker } from "./checks/live";
import { PageChecks } from "./checks/page-checks";
import type { PageSocket } from "./platform/sockets";
import { withHash } from "./secrets";

const POLL_TAIL_MS = 2_000;
const RELOAD_CHANCE = 0.01;
const MOVE_CHANCE = 0.05;

export interface LivePageStage extends Stage {
  live: LiveChecker;
  /** Whether the wall began on `sqlite`, where a nonce is one id for certain. */
  isExact: boolean;
}

export class LivePage {
  readonly #stage: LivePageStage;
  readonly #own: Random;
  readonly #name: string;
  readonly #address: string;
  #isolate: Isolate;
  #checks: PageChecks;
  #wall: Wall;
  #channel: Channel;
  /** The socket that the channel opened last. */
  #socket: PageSocket | null = null;
  /** The sequence of its last full read. */
  #fullAt = 0;

  constructor(stage: LivePageStage, own: Random, name: string, address: string) {
    this.#stage = stage;
    this.#own = own;
    this.#name = name;
    this.#address = address;
    this.#isolate = own.pick(stage.isolates.all);
    this.#wall = this.#newWall();
    this.#channel = this.#newChannel(this.#wall);
    this.#checks = new PageChecks(stage, name, this.#wall.store);
  }

  confirm(comment: Comment): void {
    this.#checks.confirmed.add(comment.id);
    this.#wall.store.confirm(comment);
  }

  /** Sends a message over the channel, or over HTTP where the channel can't; `null` when no answer came. */
  async post(nonce: string, text: string): Promise<Comment | null> {
    const { guard, history, removals, live, isExact } = this.#stage;
    let comment: Comment;
    try {
      comment = await this.#channel.post(withHash({ text, nonce }), (draft) =>
        this.#overHttp(draft),
      );
    } catch (error) {
      if (error instanceof ApiError) return null;
      throw error;
    }
    // The author of a removed message may get the text that a stranger sent under its nonce since.
    if (!isStrange(comment.text) || removals.doneAt(comment.id) === undefined)
      guard(() => {
        history.acknowledged(comment, text);
        live.acknowledged(comment, text, isExact);
      });
    return comment;
  }

  /** Polls as a page does, until the world ends. */
  async follow(): Promise<void> {
    const { scheduler, isolates, worldEnds } = this.#stage;
    const own = this.#own;
    while (scheduler.now < worldEnds) {
      await scheduler.sleep(own.delay(PAGE_POLL_INTERVAL_MS, PAGE_POLL_INTERVAL_MS + POLL_TAIL_MS));
      if (own.chance(RELOAD_CHANCE)) this.#reload();
      if (own.chance(MOVE_CHANCE)) this.#isolate = own.pick(isolates.all);
      await this.#poll();
    }
    this.#channel.stop();
  }

  async #poll(): Promise<void> {
    const { guard, live } = this.#stage;
    const wall = this.#wall;
    if (this.#channel.vouches()) guard(() => this.#spared());
    // A failed poll is repeated like any other.
    await wall.poll().catch(() => {});
    const cursor = parseCursor(wall.store.cursor ?? "");
    guard(() => {
      this.#checks.look();
      if (cursor) live.holds(this.#name, this.#fullAt, cursor, (id) => this.#shows(id));
    });
  }

  #spared(): void {
    const cursor = parseCursor(this.#wall.store.cursor ?? "");
    const connection = this.#socket?.connection;
    const name = this.#name;
    if (!cursor || !connection) throw new Error(`${name} vouches without a cursor or a socket`);
    this.#stage.live.wasSpared({ name, cursor, connection });
  }

  /** A comment of its own may be confirmed by an answer from before its removal. */
  #shows(id: string): boolean {
    return this.#wall.store.get(id) !== undefined && !this.#checks.confirmed.has(id);
  }

  #reload(): void {
    this.#channel.stop();
    this.#wall = this.#newWall();
    this.#channel = this.#newChannel(this.#wall);
    this.#checks.reload(this.#wall.store);
  }

  #newWall(): Wall {
    const { scheduler, isolates } = this.#stage;
    const neverUsed = () => {
      throw new Error("this page sends past its outbox");
    };
    return new Wall({
      now: () => scheduler.now,
      read: async (query) => {
        const read = await isolates.read(this.#isolate, query);
        if (!read) throw new ApiError(0);
        if (query.since === undefined) this.#fullAt = parseCursor(read.cursor)?.sequence ?? 0;
        return { read, rebuiltAt: read.rebuiltAt, etag: null, answeredAt: null };
      },
      readHistory: neverUsed,
      post: neverUsed,
      makeNonce: neverUsed,
      isOnline: () => true,
      random: () => this.#own.next(),
    });
  }

  #newChannel(wall: Wall): Channel {
    const { scheduler, isolates, guard } = this.#stage;
    const now = () => scheduler.now;
    const checks = () => {
      if (wall === this.#wall) guard(() => this.#checks.cursor());
    };
    const channel = new Channel({
      open: (since) => {
        this.#socket = isolates.follow(this.#isolate, since, this.#address);
        return this.#socket;
      },
      wall: {
        store: wall.store,
        hear: (asked, read) => {
          wall.hear(asked, read);
          checks();
        },
      },
      pollNow: () => void wall.poll().catch(() => {}),
      isVisible: () => true,
      now,
      monotonic: now,
      after: (ms, callback) => {
        const timer = new AbortController();
        // The platform's timers and clocks count whole milliseconds.
        scheduler.after(Math.ceil(ms), callback, timer.signal);
        return () => timer.abort();
      },
      random: () => this.#own.next(),
    });
    wall.live = channel;
    channel.start();
    return channel;
  }

  async #overHttp({ nonce = "", text }: Draft): Promise<Comment> {
    const comment = await this.#stage.isolates.post(this.#isolate, nonce, text);
    if (!comment) throw new ApiError(0);
    return comment;
  }
}
