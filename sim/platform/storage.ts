/**
 * A stand-in for a Durable Object's storage. Its SQL is strongly consistent, but writes become durable only a
 * moment later, and those that are not durable yet are lost with the process. A superseded incarnation throws when
 * it touches the storage. Writes are rejected for a while when the disk is full.
 */
import type { Alarm } from "#worker/writer/beat";
import type { Random } from "../../scripts/command/random.mjs";
import type { Faults } from "../faults";
import type { Scheduler } from "./scheduler";
import { Database, type Result } from "./sql";
import type { Row, Step, Value } from "./sql-tables";

const FLUSH_TYPICAL_MS = 5;
const FLUSH_TAIL_MS = 300;

type Write = Step | { alarm: number | null };

export interface StorageEvents {
  /** A durable alarm was set. */
  alarm: (at: number) => void;
  /** Writes are about to become durable: the last moment at which they can be lost. */
  flush: () => void;
  /** A table was durably dropped, with these rows. */
  dropped: (table: string, rows: readonly Row[]) => void;
}

export class SimStorage {
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #faults: Faults;
  readonly #events: StorageEvents;
  readonly #database = new Database();
  #alarm: number | null = null;
  #current: StorageHandle | null = null;
  #refusedUntil = 0;
  #refusedAt = Number.NEGATIVE_INFINITY;

  constructor(scheduler: Scheduler, random: Random, faults: Faults, events: StorageEvents) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#faults = faults;
    this.#events = events;
  }

  get alarm(): number | null {
    return this.#alarm;
  }

  /** The durable data. */
  get database(): Database {
    return this.#database;
  }

  clearAlarm(): void {
    this.#alarm = null;
  }

  /** When a write was rejected last, in simulated ms. */
  get refusedAt(): number {
    return this.#refusedAt;
  }

  /** Rejects every write until `time`. */
  refuseWritesUntil(time: number): void {
    this.#refusedUntil = time;
  }

  /** A new incarnation's storage; the one before it is superseded. */
  open(): StorageHandle {
    if (this.#current) this.#current.superseded = true;
    this.#current = new StorageHandle(this.#database.copy(), this.#alarm, {
      flush: (handle) => this.#flush(handle),
      mayWrite: () => {
        const isFull = this.#scheduler.now < this.#refusedUntil;
        if (!isFull && !this.#faults.happens("storage write failed")) return;
        this.#refusedAt = this.#scheduler.now;
        throw new Error(isFull ? "disk is full: SQLITE_FULL" : "disk I/O error: SQLITE_IOERR");
      },
    });
    return this.#current;
  }

  /** Stores data without a writer, as if long ago. */
  plant(work: (handle: StorageHandle) => void): void {
    const handle = new StorageHandle(this.#database.copy(), null, {
      flush: () => {},
      mayWrite: () => {},
    });
    work(handle);
    for (const write of handle.takeWrites()) if (!("alarm" in write)) this.#database.take(write);
  }

  /** Makes writes durable after a moment. The writes of a superseded handle are lost. */
  #flush(handle: StorageHandle): void {
    this.#scheduler.after(this.#random.delay(FLUSH_TYPICAL_MS, FLUSH_TAIL_MS), () => {
      if (handle.superseded) return;
      this.#events.flush();
      if (handle.superseded) return;
      const before = this.#alarm;
      for (const write of handle.takeWrites())
        if ("alarm" in write) this.#alarm = write.alarm;
        else {
          if ("dropped" in write)
            this.#events.dropped(write.table, this.#database.table(write.table).rows);
          this.#database.take(write);
        }
      if (this.#alarm !== null && this.#alarm !== before) this.#events.alarm(this.#alarm);
      handle.done();
    });
  }
}

interface HandleParts {
  flush: (handle: StorageHandle) => void;
  /** @throws when a write is rejected. */
  mayWrite: () => void;
}

/** One incarnation's view of the storage: the part of the runtime's `DurableObjectStorage` that the Worker uses. */
export class StorageHandle {
  superseded = false;
  /** Whether an alarm was set since the last one ran, even if the runtime lost it. */
  isArmed: boolean;
  alarmsRunning = 0;
  readonly #database: Database;
  readonly #parts: HandleParts;
  #alarm: number | null;
  #writes: Write[] = [];
  #transactions = 0;
  #flushing = false;
  #waiting: (() => void)[] = [];

  constructor(database: Database, alarm: number | null, parts: HandleParts) {
    this.#database = database;
    this.#alarm = alarm;
    this.#parts = parts;
    this.isArmed = alarm !== null;
  }

  readonly sql = {
    exec: (query: string, ...bindings: Value[]) => {
      this.#touch();
      return cursorOf(this.#run(query, bindings));
    },
    databaseSizeOf: () => this.#database.size,
    get databaseSize(): number {
      return this.databaseSizeOf();
    },
  };

  readonly alarm: Alarm = {
    get: async () => {
      this.#touch();
      return this.#alarm;
    },
    set: async (time) => {
      this.#touch();
      this.#parts.mayWrite();
      this.isArmed = true;
      this.#alarm = time;
      this.#wrote({ alarm: time });
    },
  };

  transactionSync<T>(work: () => T): T {
    this.#touch();
    const before = this.#writes.length;
    this.#transactions += 1;
    try {
      return work();
    } catch (error) {
      this.#takeBackTo(before);
      throw error;
    } finally {
      this.#transactions -= 1;
      if (this.#transactions === 0) this.#beginFlush();
    }
  }

  /** Deletes everything, the alarm as well. */
  async deleteAll(): Promise<void> {
    this.#touch();
    for (const name of this.#database.names()) {
      const step = { table: name, dropped: this.#database.table(name) };
      this.#database.take(step);
      this.#wrote(step);
    }
    this.#alarm = null;
    this.isArmed = false;
    this.#wrote({ alarm: null });
  }

  /** Whether writes wait to be durable. */
  get isFlushing(): boolean {
    return this.#flushing;
  }

  get hasAlarm(): boolean {
    return this.#alarm !== null;
  }

  get alarmAt(): number | null {
    return this.#alarm;
  }

  /** The runtime took the alarm: it runs now, or was lost. */
  clearAlarm(at: number | null, isLost: boolean): void {
    if (this.#alarm !== at) return;
    this.#alarm = null;
    this.isArmed = isLost;
  }

  /**
   * Resolves when everything written so far is durable, which the output gate waits for. Never resolves once
   * superseded.
   */
  flushed(): Promise<void> {
    if (!this.#flushing) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  takeWrites(): Write[] {
    const writes = this.#writes;
    this.#writes = [];
    return writes;
  }

  done(): void {
    this.#flushing = false;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Runs a statement as a whole or not at all. */
  #run(query: string, bindings: readonly Value[]): Result {
    const before = this.#writes.length;
    try {
      return this.#database.run(query, bindings, (step) => {
        this.#wrote(step);
        this.#parts.mayWrite();
      });
    } catch (error) {
      this.#takeBackTo(before);
      throw error;
    }
  }

  #takeBackTo(count: number): void {
    for (const write of this.#writes.splice(count).reverse())
      if (!("alarm" in write)) this.#database.takeBack(write);
  }

  #wrote(write: Write): void {
    this.#writes.push(write);
    if (this.#transactions === 0) this.#beginFlush();
  }

  #beginFlush(): void {
    if (this.#flushing || this.#writes.length === 0) return;
    this.#flushing = true;
    this.#parts.flush(this);
  }

  #touch(): void {
    if (this.superseded) throw new Error("simulated: this incarnation was superseded");
  }
}

function cursorOf({ rows, rowsRead, rowsWritten }: Result) {
  return {
    rowsRead,
    rowsWritten,
    toArray: () => rows,
    one: () => {
      if (rows.length !== 1) throw new Error(`expected one row, found ${rows.length}`);
      return rows[0];
    },
    [Symbol.iterator]: () => rows[Symbol.iterator](),
  };
}
