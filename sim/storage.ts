/**
 * A stand-in for a Durable Object's storage: strongly consistent, but what was written is durable
 * only a moment later, and what was not dies with the process. A superseded incarnation throws when
 * it touches it.
 */

import { compareIds, suffixOf, timestampOf } from "#schema/id";
import type { AuditEntry } from "#schema/moderation";
import type { Alarm } from "#worker/beat";
import type { Claim } from "#worker/claims";
import {
  type CheckpointRow,
  erased,
  type Journal,
  type JournalHead,
  type JournalRow,
  type NonceArchive,
} from "#worker/journal/journal";
import type { MessageRow, MessageStore } from "#worker/ledger/messages";
import type { ModerationStore } from "#worker/moderation";
import type { Random } from "./random";
import type { Scheduler } from "./scheduler";

const FLUSH_TYPICAL_MS = 5;
const FLUSH_TAIL_MS = 300;

interface State {
  head: string | null;
  generations: [string[], string[]];
  nonces: (NonceArchive & { key: number })[];
  claims: Map<string, Claim>;
  /** The ledger's rows, where it is `sqlite`. */
  messages: Map<string, MessageRow>;
  published: number;
  paused: boolean;
  audit: AuditEntry[];
  alarm: number | null;
}

type Write = (state: State) => void;

export class SimStorage {
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #durable: State = {
    head: null,
    generations: [[], []],
    nonces: [],
    claims: new Map(),
    messages: new Map(),
    published: -1,
    paused: false,
    audit: [],
    alarm: null,
  };
  #current: StorageHandle | null = null;
  /** Called when a durable alarm is set. */
  onAlarm: (at: number) => void = () => {};
  /** Called when writes are about to become durable: the last moment at which they can be lost. */
  onFlush: () => void = () => {};

  constructor(scheduler: Scheduler, random: Random) {
    this.#scheduler = scheduler;
    this.#random = random;
  }

  get alarm(): number | null {
    return this.#durable.alarm;
  }

  /** Every durable row of the journal. */
  get rows(): string[] {
    return this.#durable.generations.flat();
  }

  /** Every durable message of the ledger. */
  get messages(): ReadonlyMap<string, MessageRow> {
    return this.#durable.messages;
  }

  /** Puts a message there without a writer, long ago. */
  plant(row: MessageRow): void {
    this.#durable.messages.set(row.id, row);
  }

  /** What the audit log durably says. */
  get audit(): readonly AuditEntry[] {
    return this.#durable.audit;
  }

  clearAlarm(): void {
    this.#durable.alarm = null;
  }

  /** A new incarnation's storage; the one before it is superseded. */
  open(): StorageHandle {
    if (this.#current) this.#current.superseded = true;
    const { head, generations, nonces, claims, messages, audit } = this.#durable;
    const copy: State = {
      ...this.#durable,
      head,
      generations: [[...generations[0]], [...generations[1]]],
      nonces: [...nonces],
      claims: new Map(claims),
      messages: new Map(messages),
      audit: [...audit],
    };
    this.#current = new StorageHandle(copy, (writes) => this.#flush(writes));
    return this.#current;
  }

  /** Makes writes durable after a moment. Those of a handle that was superseded are lost. */
  #flush(handle: { superseded: boolean; writes: Write[]; done: () => void }): void {
    this.#scheduler.after(this.#random.delay(FLUSH_TYPICAL_MS, FLUSH_TAIL_MS), () => {
      if (handle.superseded) return;
      this.onFlush();
      if (handle.superseded) return;
      const before = this.#durable.alarm;
      for (const write of handle.writes.splice(0)) write(this.#durable);
      const { alarm } = this.#durable;
      if (alarm !== null && alarm !== before) this.onAlarm(alarm);
      handle.done();
    });
  }
}

export class StorageHandle implements Journal, ModerationStore, MessageStore {
  superseded = false;
  /** Whether an alarm was set since the last one ran, be it that the runtime lost it. */
  isArmed: boolean;
  readonly writes: Write[] = [];
  readonly #state: State;
  readonly #flush: (handle: StorageHandle) => void;
  #flushing = false;
  #waiting: (() => void)[] = [];

  constructor(state: State, flush: (handle: StorageHandle) => void) {
    this.#state = state;
    this.#flush = flush;
    this.isArmed = state.alarm !== null;
  }

  readonly alarm: Alarm = {
    get: async () => {
      this.#touch();
      return this.#state.alarm;
    },
    set: async (time) => {
      this.isArmed = true;
      this.#write((state) => {
        state.alarm = time;
      });
    },
  };

  get hasAlarm(): boolean {
    return this.#state.alarm !== null;
  }

  get alarmAt(): number | null {
    return this.#state.alarm;
  }

  /** The runtime took the alarm: it runs now, or was lost. */
  clearAlarm(at: number | null, isLost: boolean): void {
    if (this.#state.alarm !== at) return;
    this.#state.alarm = null;
    this.isArmed = isLost;
  }

  /** When everything written so far is durable: what the output gate waits for. Never, once superseded. */
  flushed(): Promise<void> {
    if (!this.#flushing) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  done(): void {
    this.#flushing = false;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  head(): JournalHead | null {
    this.#touch();
    return this.#state.head === null ? null : JSON.parse(this.#state.head);
  }

  create(head: JournalHead): void {
    const body = JSON.stringify(head);
    this.#write((state) => {
      state.head = body;
    });
  }

  read(): Iterable<JournalRow>[] {
    this.#touch();
    return this.#state.generations.map((rows) => rows.map((body) => JSON.parse(body)));
  }

  append(row: JournalRow): void {
    const body = JSON.stringify(row);
    this.#write((state) => void state.generations[1].push(body));
  }

  erase(ids: readonly string[]): void {
    const without = (body: string) =>
      ids.some((id) => body.includes(suffixOf(id)))
        ? JSON.stringify(erased(JSON.parse(body), ids))
        : body;
    this.#write((state) => {
      const [older, newer] = state.generations;
      state.generations = [older.map(without), newer.map(without)];
    });
  }

  rotate(checkpoint: Iterable<CheckpointRow>, nonces: readonly NonceArchive[]): number[] {
    const bodies = Array.from(checkpoint, (row) => JSON.stringify(row));
    const last = this.#state.nonces.at(-1)?.key ?? 0;
    const archives = structuredClone(nonces).map((archive, n) => ({
      ...archive,
      key: last + 1 + n,
    }));
    this.#write((state) => {
      state.generations = [state.generations[1], [...bodies]];
      state.nonces.push(...archives);
    });
    return archives.map(({ key }) => key);
  }

  archives(since: number): (NonceArchive & { key: number })[] {
    this.#touch();
    return structuredClone(this.#state.nonces.filter(({ newest }) => newest >= since));
  }

  archivedId(key: number, suffix: string): string | null {
    this.#touch();
    const archive = this.#state.nonces.find((row) => row.key === key);
    return archive?.ids.find((id) => suffixOf(id) === suffix) ?? null;
  }

  forgetArchives(before: number): void {
    this.#write((state) => {
      state.nonces = state.nonces.filter(({ newest }) => newest >= before);
    });
  }

  claims(): Claim[] {
    this.#touch();
    return [...this.#state.claims.values()];
  }

  claim(claim: Claim): void {
    this.#write(({ claims }) => void claims.set(claim.id, claim));
  }

  endClaim(id: string): void {
    this.#write(({ claims }) => void claims.delete(id));
  }

  forgetClaims(time: number): void {
    this.#write(({ claims }) => {
      for (const { id, until } of claims.values()) if (until <= time) claims.delete(id);
    });
  }

  atOnce<T>(work: () => T): T {
    return work();
  }

  published(): number {
    this.#touch();
    return this.#state.published;
  }

  publish(sequence: number): void {
    this.#write((state) => {
      state.published = sequence;
    });
  }

  insert(row: MessageRow): void {
    if (this.#state.messages.has(row.id)) throw new Error(`simulated: ${row.id} is there already`);
    this.#write(({ messages }) => void messages.set(row.id, row));
  }

  change(row: MessageRow): void {
    this.#write(({ messages }) => {
      const { sequence = 0, body = row.body } = messages.get(row.id) ?? {};
      const isGone = !("text" in JSON.parse(row.body));
      messages.set(row.id, { ...row, sequence, body: isGone ? row.body : body });
    });
  }

  get(id: string): MessageRow | null {
    this.#touch();
    return this.#state.messages.get(id) ?? null;
  }

  behind(id: string, limit: number): MessageRow[] {
    return this.#newestFirst((row) => compareIds(row.id, id) > 0).slice(0, limit);
  }

  youngerThan(timestamp: number): MessageRow[] {
    return this.#newestFirst((row) => timestampOf(row.id) > timestamp).reverse();
  }

  newest(): number {
    this.#touch();
    let newest = 0;
    for (const id of this.#state.messages.keys()) newest = Math.max(newest, timestampOf(id));
    return newest;
  }

  #newestFirst(isWanted: (row: MessageRow) => boolean): MessageRow[] {
    this.#touch();
    const rows = [...this.#state.messages.values()].filter(isWanted);
    return rows.sort((a, b) => compareIds(a.id, b.id));
  }

  isPaused(): boolean {
    this.#touch();
    return this.#state.paused;
  }

  setPaused(paused: boolean): void {
    this.#write((state) => {
      state.paused = paused;
    });
  }

  note(entry: AuditEntry): void {
    this.#write(({ audit }) => void audit.push(entry));
  }

  notes(limit: number): AuditEntry[] {
    this.#touch();
    return this.#state.audit.slice(-limit).reverse();
  }

  #write(write: Write): void {
    this.#touch();
    write(this.#state);
    this.writes.push(write);
    if (this.#flushing) return;
    this.#flushing = true;
    this.#flush(this);
  }

  #touch(): void {
    if (this.superseded) throw new Error("simulated: this incarnation was superseded");
  }
}
