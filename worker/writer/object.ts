/** The Durable Object around the rebuilder: one per wall. Its SQLite holds the journal, its alarm drives the beat. */
import { DurableObject } from "cloudflare:workers";
import { type CallName, isLogged } from "#schema/calls";
import { isStoredComment } from "#schema/comment";
import { makeId } from "#schema/id";
import { WINDOW_SIZE } from "#schema/limits";
import type { MoveProgress } from "#schema/move";
import type { Cleared } from "#schema/rpc";
import type { CronStatus } from "#schema/status";
import {
  type Answering,
  type CallContext,
  type CalledObject,
  checkCall,
  type WriterCalls,
} from "../contract/writer-calls";
import { postLimits } from "../entrypoint/rate-limit";
import { suffixes } from "../entrypoint/suffix";
import { clearKeys } from "../ledger/clear-keys";
import { parseLedger } from "../ledger/kind";
import { KvLedger } from "../ledger/kv";
import { recordOf } from "../ledger/messages";
import { LiveRoom } from "../live/room";
import { answerUpgrade } from "../live/upgrade";
import type { Clock } from "../platform/clock";
import type { Log } from "../platform/log";
import { Operations } from "../platform/operations";
import { costOf } from "../status/cost";
import { Location } from "./data-centre";
import { ObjectModeration } from "./moderation/object-moderation";
import { Scrubber } from "./moderation/scrubber";
import { SqliteModeration } from "./moderation/sqlite-moderation";
import { NOTHING_TO_MOVE } from "./moving/move";
import { bringStragglers } from "./moving/stragglers";
import {
  NO_SOCKETS,
  type ObjectSockets,
  PLATFORM,
  type RebuilderEnv,
  type Surroundings,
} from "./surroundings";
import { openTables, type Tables } from "./tables";
import { Writer } from "./writer";

/** A place before the newest message. */
const NEWER_THAN_ALL = makeId(9_999_999_999_999, "0000000000");

/** RFC 6455, 7.1.5: the connection was lost. */
const CLOSED_ABNORMALLY = 1006;

type Calls = Record<string, (...args: readonly unknown[]) => unknown>;

export class CacheRebuilder extends DurableObject<RebuilderEnv> implements CalledObject {
  /** The live channel. */
  readonly live: LiveRoom<WebSocket>;
  readonly #surroundings: Surroundings;
  readonly #sockets: ObjectSockets;
  readonly #operations = new Operations();
  #tables: Tables;
  #rebuilder: Writer | null = null;
  readonly #cron: CronStatus;
  readonly #location: Location;
  readonly #moderation: ObjectModeration;
  readonly #scrubber: Scrubber | null;

  /** The runtime passes no `surroundings`. */
  constructor(ctx: DurableObjectState, env: RebuilderEnv, surroundings: Surroundings = PLATFORM) {
    super(ctx, env);
    this.#surroundings = surroundings;
    this.#scrubber = env.OWN_DISK === undefined ? null : new Scrubber(ctx.storage, surroundings);
    this.#cron = { at: null, since: surroundings.clock.now() };
    // Only a deployed Worker has a version.
    this.#location = new Location(env.VERSION === undefined ? undefined : surroundings.dataCentre);
    this.#tables = this.#openTables();
    this.#moderation = new ObjectModeration({
      tables: () => this.#tables,
      writer: (wall) => this.#of(wall),
      scrubSoon: (wall) => this.#scrubber?.scrubSoon(wall),
      clock: surroundings.clock,
      log: surroundings.log,
    });
    this.#sockets = surroundings.sockets?.(ctx) ?? NO_SOCKETS;
    this.live = this.#newRoom();
  }

  /** An upgrade, which the entrypoint has checked. */
  override fetch(request: Request): Promise<Response> {
    this.#tables.metrics.advance();
    this.#operations.count("live_connect");
    return answerUpgrade(request, (opening) => this.live.open(opening), this.#surroundings.log);
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    this.#tables.metrics.advance();
    this.#operations.count("live_message");
    return this.live.message(this.#sockets.of(socket), message);
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    this.live.closed(this.#sockets.of(socket), code);
    // The runtime doesn't answer a close frame for a hibernating socket. Without an answer the page's
    // browser waits, then reports an interrupted connection.
    if (code !== CLOSED_ABNORMALLY) socket.close();
  }

  override webSocketError(socket: WebSocket): void {
    this.live.closed(this.#sockets.of(socket), CLOSED_ABNORMALLY);
  }

  /** Answers a call of the entrypoint and logs it as schema/calls.ts says. A failed call is always logged. */
  async call({ wall, request }: CallContext, name: CallName, args: readonly unknown[]) {
    const { clock, log } = this.#surroundings;
    const began = clock.now();
    try {
      checkCall(name, args);
      this.#tables.metrics.advance();
      this.#operations.count(name);
      this.#moderation.expire(wall);
      const answer = await this.#answer(wall, name, args);
      if (isLogged(name)) log(wall, request)("call", { call: name, ms: clock.now() - began });
      return answer;
    } catch (error) {
      log(wall, request)("call failed", { call: name, ms: clock.now() - began, error });
      throw error;
    }
  }

  /** `call` for an entrypoint of the previous release, which may run beside this one during a deploy. */
  traced(request: string, name: CallName, [wall, ...args]: readonly [string, ...unknown[]]) {
    return this.call({ wall, request }, name, args);
  }

  #answer(wall: string, name: CallName, args: readonly unknown[]): unknown {
    const own = this.#ownCalls(wall);
    if (name in own) return (own as Calls)[name]?.(...args);
    const rest: Answering<Exclude<CallName, keyof typeof own>> = this.#of(wall);
    return (rest as unknown as Calls)[name]?.(...args);
  }

  /** The calls that need more than the rebuilder. It answers all others. */
  #ownCalls(wall: string) {
    return {
      sync: async (since, polls = 0) => {
        this.#operations.count("poll", polls);
        return JSON.stringify(await this.#of(wall).sync(since));
      },
      notice: async (comment, network) => {
        const writer = this.#of(wall);
        writer.notice(comment, network);
        if (network === undefined) return;
        this.#tables.senders.note(comment.id, network);
        // Its notice is late: it was found in a list, and merged.
        const stays = writer.canonical(comment.id);
        if (stays !== comment.id) this.#tables.senders.follow(comment.id, stays);
      },
      append: async (draft, network) => {
        const accepted = await this.#of(wall).append(draft, network);
        if (accepted?.comment && accepted.isNew && network !== undefined)
          this.#tables.senders.note(accepted.comment.id, network);
        return accepted;
      },
      pending: async (query, bot) => {
        if (bot !== undefined) this.live.seen(bot);
        const read = await this.#of(wall).pending(query);
        return { rebuiltAt: read.rebuiltAt, text: JSON.stringify(read) };
      },
      status: async () => {
        const status = await this.#of(wall).status();
        const ledger = this.#tables.journal.head()?.ledger ?? "kv";
        const history = this.#tables.metrics.history();
        const activity = this.#tables.metrics.activity();
        const live = this.live.status();
        const { databaseSize } = this.ctx.storage.sql;
        const cost = costOf(history, ledger, databaseSize, live.sockets);
        const location = this.#location.code(this.#log(wall));
        return {
          ...{ ...status, ledger, history, activity, live },
          ...(this.env.CLEARABLE === undefined && { cron: this.#cron }),
          ...(location && { location }),
          ...(cost && { cost }),
        };
      },
      ...this.#moderation.calls(wall),
      move: () => this.#stepMove(wall),
      clear: () => this.#clear(wall),
    } satisfies Partial<WriterCalls>;
  }

  async #stepMove(wall: string): Promise<MoveProgress> {
    const rebuilder = this.#of(wall);
    // A wall that began on SQLite has no keys to move, and its rows must not be taken for a move's.
    if (this.#tables.move.progress === null && this.#tables.journal.head()?.ledger === "sqlite")
      return NOTHING_TO_MOVE;
    // The rebuilder must know every comment in keys and notices before the first step. An alarm repeats a rebuild
    // that fails.
    if (this.#tables.move.progress === null) await rebuilder.tick();
    const { messages } = this.#tables;
    return this.#tables.move.step({
      ledger: this.#ledger(wall),
      messages,
      asKnown: (record) => rebuilder.records.asKnown(record),
      notice: (comment) => rebuilder.notice(comment),
      known: (after, max) => rebuilder.records.known(after, max),
      // The move may have read a key that KV kept from every rebuild.
      meet: () =>
        rebuilder.records.meet(messages.behind(NEWER_THAN_ALL, WINDOW_SIZE).map(recordOf)),
      finish: () => {
        // The text of removed messages and merged copies still has to leave their keys; everything else is in the
        // rows from now on.
        const written = rebuilder.records.unwritten().filter(isStoredComment);
        this.#tables.journal.becomeSqlite(written, messages.newest());
      },
      finished: () => {
        rebuilder.close();
        this.#rebuilder = null;
        this.live.end("moved");
      },
      clock: this.#clock,
      log: this.#log(wall),
    });
  }

  async #clear(wall: string): Promise<Cleared> {
    const cleared = await clearKeys(this.env.LEDGER_KV, wall);
    this.#rebuilder?.close();
    this.#rebuilder = null;
    this.live.end("cleared");
    // Deletes the alarm too: nothing rebuilds the wall until the next call.
    await this.ctx.storage.deleteAll();
    this.#tables = this.#openTables();
    return cleared;
  }

  /** Runs at each cron. */
  async watch(wall: string): Promise<void> {
    this.#cron.at = this.#clock.now();
    const rebuilder = this.#of(wall);
    // For an idle wall too: its alarm does not run.
    this.#keep(wall);
    await rebuilder.watch();
    try {
      await bringStragglers({
        movedAt: this.#tables.move.doneAt,
        now: this.#clock.now(),
        ledger: this.#ledger(wall),
        messages: this.#tables.messages,
        notice: (comment) => this.#of(wall).notice(comment),
      });
    } catch (error) {
      this.#log(wall)("sweep failed", { error });
    }
  }

  override async alarm(): Promise<void> {
    const head = this.#tables.journal.head();
    if (!head) return;
    const rebuilder = this.#of(head.wall);
    this.#keep(head.wall);
    await rebuilder.tick();
  }

  /** Housekeeping at each alarm and cron. Never throws: it must not stop a rebuild. */
  #keep(wall: string): void {
    const { senders, reports, blocks, metrics } = this.#tables;
    const now = this.#clock.now();
    this.#attempt(wall, "senders not kept", () => senders.keep(now));
    this.#attempt(wall, "reports not kept", () => reports.keep(now));
    this.#attempt(wall, "blocks not kept", () => blocks.expire(now));
    this.#attempt(wall, "samples not kept", () => metrics.keep());
    this.#moderation.keep(wall);
  }

  #attempt(wall: string, event: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#log(wall)(event, { error });
    }
  }

  #openTables(): Tables {
    return openTables(this.ctx.storage, this.#operations, this.#clock);
  }

  get #clock(): Clock {
    return this.#surroundings.clock;
  }

  #log(wall: string, request?: string): Log {
    return this.#surroundings.log(wall, request);
  }

  /**
   * The wall's rebuilder. An object serves one wall: it learns the name from the first call and stores it for its
   * alarms.
   */
  #of(wall: string): Writer {
    this.#tables.metrics.advance();
    if (!this.#rebuilder) {
      this.#rebuilder = this.#open(wall);
      this.#surroundings.opened?.(this.#rebuilder);
    }
    return this.#rebuilder;
  }

  #ledger(wall: string): KvLedger {
    return new KvLedger(this.env.LEDGER_KV, wall, this.#operations, this.#clock);
  }

  #isMoving(): boolean {
    return this.#tables.move.progress !== null;
  }

  #open(wall: string): Writer {
    const { storage } = this.ctx;
    let head = this.#tables.journal.head();
    if (!head) {
      // A new store's sequences start at the current millisecond, above those of any earlier store: of two stored
      // values the higher one wins even after the object's storage was lost.
      head = { wall, store: this.#surroundings.newStoreName(), birth: this.#clock.now() };
      if (parseLedger(this.env.LEDGER) === "sqlite") head.ledger = "sqlite";
      this.#tables.journal.create(head);
    }
    // The last incarnation ended between a removal and its scrub.
    this.#scrubber?.resume(head.wall);
    const ledger = this.#ledger(head.wall);
    const isSqlite = head.ledger === "sqlite";
    const writer = new Writer({
      head,
      clock: this.#clock,
      ledger,
      ...(isSqlite ? { messages: this.#tables.messages } : { isMoving: () => this.#isMoving() }),
      spare: ledger,
      journal: this.#tables.journal,
      moderation: new SqliteModeration(storage, this.#operations),
      reports: this.#tables.reports,
      onMerged: (copy, into) =>
        this.#attempt(head.wall, "senders not kept", () => this.#tables.senders.follow(copy, into)),
      kept: this.#tables.kept,
      blocks: this.#tables.blocks,
      alarm: { get: () => storage.getAlarm(), set: (time) => storage.setAlarm(time) },
      operations: this.#operations,
      meter: this.#tables.metrics,
      log: this.#surroundings.rebuilderLog(head.wall),
      version: this.env.VERSION ?? "dev",
      newStoreName: this.#surroundings.newStoreName,
      live: this.live,
    });
    this.live.follow(head.wall, writer, isSqlite ? "sqlite" : "kv");
    return writer;
  }

  /** The writer of the wall that is stored here. Once it is open, its name is not read again for each message. */
  #storedWall(): Writer {
    // Only a wall that was cleared has no name.
    return this.#rebuilder ?? this.#of(this.#tables.journal.head()?.wall ?? noWall());
  }

  #newRoom(): LiveRoom<WebSocket> {
    const { clock, log } = this.#surroundings;
    return new LiveRoom({
      clock,
      log,
      host: this.#sockets,
      writer: (wall) => (wall === undefined ? this.#storedWall() : this.#of(wall)),
      noteSender: (id, network) => this.#tables.senders.note(id, network),
      limits: (wall) => postLimits(this.env, wall, log(wall)),
      suffixes,
    });
  }
}

function noWall(): never {
  throw new Error("the wall was cleared");
}
