/** The runtime around the Durable Object: incarnations that come and go, calls that get lost, alarms that come late. */

import type { CallName } from "#schema/calls";
import type { Comment, StoredComment } from "#schema/comment";
import { formatCursor } from "#schema/cursor";
import { type Outcome, success } from "#schema/problem";
import type { Accepted, Found, Paused } from "#worker/contract/answers";
import { callsBy, type WriterCalls } from "#worker/contract/writer-calls";
import type { LedgerKind } from "#worker/ledger/kind";
import { type MessageRow, recordOf, rowOf } from "#worker/ledger/messages";
import { messageOf, SqliteMessages, type StoredRow } from "#worker/ledger/sqlite-messages";
import type { Opening } from "#worker/live/room";
import type { SqliteStorage } from "#worker/platform/counted-sql";
import { Operations } from "#worker/platform/operations";
import type { CacheRebuilder } from "#worker/writer/object";
import {
  facade,
  type Incarnation,
  type IncarnationInfo,
  incarnate,
  MachineClock,
  type ObjectParts,
} from "./incarnation";
import type { Invocation } from "./kv";
import { type Connection, SimSockets } from "./sockets";
import type { Row } from "./sql-tables";
import { SimStorage } from "./storage";

const ALARM_LATE_MAX_MS = 60_000;
const ALARM_RETRY_MS = 2_000;
const ALARM_RETRIES = 6;
const NOTICE_LATE_MAX_MS = 30_000;
const NETWORK_TYPICAL_MS = 30;
const NETWORK_TAIL_MS = 1_500;
/** An object with sockets is evicted when it had nothing to do for a while; the simulation looks this often. */
const IDLE_LOOK_MS = 100;
const IDLE_LOOKS = 50;

/** The table of a volume on the `sqlite` ledger. */
const VOLUME = /^messages_\d+$/;

export class SimObject {
  readonly #parts: ObjectParts;
  readonly #storage: SimStorage;
  #incarnation: Incarnation | null = null;
  #superseded: Incarnation | null = null;
  #incarnations = 0;
  /** Invocations of every incarnation: a superseded one may still run. */
  readonly #invocations: Invocation[] = [];
  #downUntil = 0;
  readonly #clock: MachineClock;
  readonly #sockets: SimSockets;
  /** When the runtime last took the alarm, to run it or to lose it. */
  #alarmTakenAt = 0;

  constructor(parts: ObjectParts) {
    this.#parts = parts;
    this.#clock = new MachineClock(parts.scheduler, parts.random);
    this.#sockets = new SimSockets({
      ...parts,
      random: parts.random.fork(),
      message: (connection, text) => void this.#hear(connection, text).catch(() => {}),
      closed: (connection, code) => this.#closed(connection, code),
    });
    this.#storage = new SimStorage(parts.scheduler, parts.random.fork(), parts.faults, {
      alarm: (at) => this.#deliverAlarm(at),
      flush: () => {
        if (parts.faults.happens("killed before durable")) this.kill();
      },
      dropped: (table, rows) => {
        if (VOLUME.test(table)) parts.events.dropped(rows.map((row) => messageIn(row).id));
      },
    });
  }

  /** Stores messages without a writer, as if long ago. */
  plant(comments: readonly StoredComment[]): void {
    this.#storage.plant((handle) => {
      const messages = new SqliteMessages(
        facade(handle, this.#clock) as unknown as SqliteStorage,
        new Operations(),
      );
      for (const comment of comments.toReversed()) messages.insert(rowOf(comment));
    });
  }

  /** Every text that its storage durably holds, except those kept for an undo, which outlive the world. */
  get texts(): string[] {
    const { database } = this.#storage;
    const kept = new Set(database.rows("kept_messages"));
    return database
      .rows("")
      .filter((row) => !kept.has(row))
      .flatMap((row) => Object.values(row).filter((value) => typeof value === "string"));
  }

  /** The messages whose reports its storage durably holds. */
  get reportedIds(): { id: string }[] {
    return this.#storage.database.rows("reports").map(({ id }) => ({ id: String(id) }));
  }

  /** Whether a message's sender is durably recorded. */
  isSenderRecorded(id: string): boolean {
    const rows = this.#storage.database.rows("senders_");
    return rows.some(({ body }) => String(body).includes(id));
  }

  /** The ledger that durably holds the wall's comments. */
  get ledger(): LedgerKind {
    const { database } = this.#storage;
    const [head] = database.has("head") ? database.table("head").rows : [];
    if (!head) return this.#parts.ledger;
    return JSON.parse(String(head.body)).ledger ?? "kv";
  }

  /** The durable record of a message on the `sqlite` ledger. */
  message(id: string): ReturnType<typeof recordOf> | null {
    const rows = this.#storage.database.rows("messages_");
    const row = rows.find((each) => messageIn(each).id === id);
    return row ? recordOf(messageIn(row)) : null;
  }

  /** How many of its lists came back short so far. */
  get shortLists(): number {
    return this.#invocations.reduce((sum, { shortLists }) => sum + shortLists, 0);
  }

  /** Kills the object at any point: its memory and its writes that are not durable are lost. */
  kill(downMs = 0): void {
    const incarnation = this.#incarnation;
    this.#incarnation = null;
    this.#downUntil = this.#parts.scheduler.now + downMs;
    if (!incarnation) return;
    incarnation.handle.superseded = true;
    this.#sockets.dropAll();
    incarnation.die(new Error("simulated: the object was reset"));
  }

  /**
   * Evicts the object once it is idle: its memory is lost, and its sockets stay open. Gives up if it always has
   * something to do.
   */
  async hibernate(): Promise<boolean> {
    const { scheduler, trace } = this.#parts;
    for (let look = 0; look < IDLE_LOOKS; look += 1) {
      const incarnation = this.#incarnation;
      if (!incarnation) return false;
      if (incarnation.isIdle()) {
        trace?.add("the object hibernates", { always: true });
        incarnation.handle.superseded = true;
        this.#incarnation = null;
        return true;
      }
      await scheduler.sleep(IDLE_LOOK_MS);
    }
    return false;
  }

  /** The network ends every socket. */
  dropSockets(): void {
    this.#sockets.dropAll();
  }

  /** Acts like a deploy: a new incarnation starts while calls of the old one still run. */
  supersede(): void {
    this.#superseded = this.#incarnation;
    this.#incarnation = null;
  }

  /** Sets the machine's clock back, within its bound. */
  stepBack(): void {
    const latest = this.#clock.now();
    this.#clock.stepBack();
    this.#parts.events.clockSet(latest);
  }

  /** Sets the machine's clock far ahead, or right again with 0. */
  runAhead(ms: number): void {
    const latest = this.#clock.now();
    this.#clock.aheadMs = ms;
    this.#parts.events.clockSet(latest);
  }

  /** Rejects every write to its storage until `time`. */
  refuseWritesUntil(time: number): void {
    this.#storage.refuseWritesUntil(time);
  }

  /** The object's calls as an isolate at `place` makes them. */
  calls(place = this.#parts.location): WriterCalls {
    return callsBy(async (name, args) => {
      if (name === "sync") this.#parts.events.asked(place);
      if (name === "release") this.#parts.events.releasing(String(args[0]), String(args[1]));
      if (name === "notice") return this.#notify(args);
      return this.#call(
        async (object, { now }) => ({ value: await this.#asked(object, name, args), clock: now() }),
        (answer, takenAt, incarnation) => this.#tell(name, answer, takenAt, incarnation.info()),
      ).then(({ value }) => value);
    });
  }

  #asked(object: CacheRebuilder, name: CallName, args: readonly unknown[]): Promise<unknown> {
    return object.call({ wall: this.#parts.wall }, name, structuredClone(args));
  }

  /** Reports an answer to the checkers. */
  #tell(
    name: CallName,
    { value, clock }: { value: unknown; clock: number },
    takenAt: number,
    incarnation: IncarnationInfo,
  ): void {
    const { events } = this.#parts;
    if (name === "sync") events.synced(JSON.parse(String(value)), takenAt, incarnation);
    if (name === "find" || name === "patch") events.told(value as Found, takenAt);
    if (name === "claim" && (value as Found).state === "found")
      events.claimed((value as { comment: Comment }).comment, clock, takenAt);
    if (name === "accept" || name === "append") {
      const accepted = value as Accepted | Paused | null;
      if (accepted?.comment) events.appended(accepted, takenAt);
    }
  }

  /** A notice may come late, or twice. */
  async #notify(args: readonly unknown[]): Promise<void> {
    const { events, faults, random, scheduler } = this.#parts;
    const notify = () =>
      this.#call(async (object, { number }) => {
        await this.#asked(object, "notice", args);
        events.noticed(args[0] as StoredComment, number);
      });
    if (faults.happens("notice duplicated")) {
      const wait = random.integer(1, NOTICE_LATE_MAX_MS);
      scheduler.after(wait, () => void notify().catch(() => {}));
    }
    if (faults.happens("notice late")) await scheduler.sleep(random.integer(1, NOTICE_LATE_MAX_MS));
    await notify();
  }

  /** Opens a socket of the live channel, as an entrypoint asks for it. */
  async upgrade(opening: Opening): Promise<Outcome<Connection>> {
    let connection: Connection | null = null;
    try {
      const outcome = await this.#call(async (object) => {
        const opened = await object.live.open(opening);
        if (!opened.ok) return opened;
        connection = opened.value as unknown as Connection;
        connection.asked = formatCursor(opening.since);
        this.#parts.events.openedSocket(connection);
        return success(null);
      });
      return outcome.ok ? success(connection as unknown as Connection) : outcome;
    } catch (error) {
      // It is open though nobody has its other end.
      (connection as Connection | null)?.abandon();
      throw error;
    }
  }

  /** A page's message arrives. It wakes the object. */
  async #hear(connection: Connection, text: string): Promise<void> {
    const incarnation = this.#start();
    if (!connection.isOpen) return;
    const { object, died } = incarnation;
    const socket = connection as unknown as WebSocket;
    await Promise.race([incarnation.busy(object.webSocketMessage(socket, text)), died]);
  }

  /** The object learns that a socket is gone, unless it was evicted meanwhile. */
  #closed(connection: Connection, code: number): void {
    this.#incarnation?.object.webSocketClose(connection as unknown as WebSocket, code);
  }

  /** Runs the cron. */
  async watch(): Promise<void> {
    await this.#call(
      (object) => object.watch(this.#parts.wall),
      (_, takenAt, { handle, rebuilder }) => {
        const isRefused = this.#storage.refusedAt >= takenAt;
        const isArmed = handle.hasAlarm || this.#alarmTakenAt >= takenAt || isRefused;
        this.#parts.events.watched(isArmed || (rebuilder()?.isAtRest ?? false));
      },
    );
  }

  /** A call over the network: there, through the output gate, and back. */
  async #call<T>(
    ask: (object: CacheRebuilder, incarnation: Incarnation) => Promise<T>,
    answered: (value: T, takenAt: number, incarnation: Incarnation) => void = () => {},
  ): Promise<T> {
    const { scheduler, faults } = this.#parts;
    await this.#network();
    if (faults.happens("call lost")) throw new Error("simulated: call lost");
    if (faults.happens("object overloaded"))
      throw Object.assign(new Error("Durable Object is overloaded."), {
        overloaded: true,
        retryable: true,
      });
    if (faults.happens("call to be tried again"))
      throw Object.assign(new Error("Network connection lost."), { retryable: true });
    const incarnation = this.#start();
    const takenAt = scheduler.now;
    // An answer's writes must be durable before it leaves; a kill before that loses the answer.
    const work = incarnation.busy(
      (async () => {
        const value = await ask(incarnation.object, incarnation);
        await incarnation.handle.flushed();
        return value;
      })(),
    );
    const value = await Promise.race([work, incarnation.died]);
    if (!incarnation.handle.superseded) answered(value, takenAt, incarnation);
    await this.#network();
    if (faults.happens("answer lost")) throw new Error("simulated: answer lost");
    return typeof value === "object" ? structuredClone(value) : value;
  }

  #start(): Incarnation {
    if (this.#parts.scheduler.now < this.#downUntil)
      throw new Error("simulated: the object is restarting");
    this.#incarnation ??= this.#incarnate();
    this.#incarnation.invocation.operations = 0;
    return this.#incarnation;
  }

  #incarnate(): Incarnation {
    const { trace } = this.#parts;
    this.#incarnations += 1;
    trace?.add(`the object starts, incarnation ${this.#incarnations}`, { always: true });
    const handle = this.#storage.open();
    // A deploy ends all sockets.
    if (this.#superseded) this.#sockets.dropAll();
    this.#superseded?.replace(new Error("simulated: superseded"));
    this.#superseded = null;
    const incarnation = incarnate(this.#parts, {
      number: this.#incarnations,
      handle,
      clock: this.#clock,
      sockets: this.#sockets.host(handle),
      refusedAt: () => this.#storage.refusedAt,
      kill: () => this.kill(),
    });
    this.#invocations.push(incarnation.invocation);
    return incarnation;
  }

  #deliverAlarm(at: number): void {
    const { scheduler, random, faults } = this.#parts;
    if (faults.happens("alarm never")) {
      this.#clearAlarm({ isLost: true });
      return;
    }
    let late = random.integer(0, 5);
    if (faults.happens("alarm late")) late = random.integer(100, ALARM_LATE_MAX_MS);
    const deliver = () => {
      // Set again meanwhile: another delivery is under way.
      if (this.#storage.alarm !== at) return;
      this.#clearAlarm({ isLost: false });
      void this.#runAlarm(0);
      if (faults.happens("alarm twice"))
        scheduler.after(random.integer(0, 100), () => void this.#runAlarm(0));
    };
    scheduler.after(at + late - scheduler.now, deliver);
  }

  #clearAlarm({ isLost }: { isLost: boolean }): void {
    this.#alarmTakenAt = this.#parts.scheduler.now;
    this.#incarnation?.handle.clearAlarm(this.#storage.alarm, isLost);
    this.#storage.clearAlarm();
  }

  async #runAlarm(tries: number): Promise<void> {
    const { scheduler } = this.#parts;
    try {
      const incarnation = this.#start();
      const { object, handle, died, replaced } = incarnation;
      handle.alarmsRunning += 1;
      const running = incarnation.busy(object.alarm()).finally(() => {
        handle.alarmsRunning -= 1;
      });
      await Promise.race([running, died, replaced]);
    } catch {
      if (tries >= ALARM_RETRIES) return;
      scheduler.after(ALARM_RETRY_MS * 2 ** tries, () => void this.#runAlarm(tries + 1));
    }
  }

  #network(): Promise<void> {
    const { scheduler, random } = this.#parts;
    return scheduler.sleep(random.delay(NETWORK_TYPICAL_MS, NETWORK_TAIL_MS));
  }
}

function messageIn(row: Row): MessageRow {
  return messageOf(row as unknown as StoredRow);
}
