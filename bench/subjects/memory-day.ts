/**
 * Runs the single writer's own modules through a day, on a clock that runs as fast as they do, and
 * measures the memory in use at the end. A separate program, `memory-day.mjs JSON`, with a Durable
 * Object's heap limit.
 */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Sync } from "#schema/change";
import type { StoredComment } from "#schema/comment";
import { makeId } from "#schema/id";
import {
  ENTITY_MAX_CHARACTERS,
  NONCE_MAX_CHARACTERS,
  TEXT_MAX_CHARACTERS,
  USERNAME_MAX_CHARACTERS,
  WINDOW_SIZE,
} from "#schema/limits";
import { Replica } from "#worker/entrypoint/replica/replica";
import type { Ledger, Spare } from "#worker/ledger/ledger";
import { Operations } from "#worker/platform/operations";
import { Writer } from "#worker/writer/writer";
import { FileStore } from "./file-store";

export interface MemoryDay {
  phase: "day" | "start";
  directory: string;
  ledger: "kv" | "sqlite";
  perMinute: number;
  /**
   * Whether messages have the maximum length, in the day's last hours: no text of earlier messages
   * is kept.
   */
  longest: boolean;
  hours: number;
}

const LONGEST_HOURS = 3;

const START = Date.UTC(2026, 0, 1);
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const COMMIT_MS = 3_000;
const SUFFIX_LENGTH = 10;
const PAGE_NONCE_LENGTH = 36;
const EMOJI = "\u{1f600}";
const DIGITS = 8;
const MB = 1_000_000;

let now = START;

/** A message as a call delivers it: each of its texts is a separate string. */
function newMessage(n: number, suffix: string, longest: boolean): StoredComment {
  const name = String(n).padStart(DIGITS, "0");
  const repeated = (count: number) => own(name + EMOJI.repeat(count - DIGITS));
  return {
    id: makeId(now, suffix),
    timestamp: now,
    text: longest
      ? repeated(TEXT_MAX_CHARACTERS)
      : own(`message ${n}, as long as most of them are`),
    username: longest ? repeated(USERNAME_MAX_CHARACTERS) : own(`somebody ${n % 100}`),
    color: "#aabbcc",
    type: "human",
    ...(longest && { replyTo: own(makeId(now, suffix)) }),
    nonce: own(name.padEnd(longest ? NONCE_MAX_CHARACTERS : PAGE_NONCE_LENGTH, "n")),
    botParams: { processed: false, ...(longest && { entity: repeated(ENTITY_MAX_CHARACTERS) }) },
    sequence: 0,
  };
}

const own = (text: string) => Buffer.from(text).toString();

const newSuffix = () =>
  Math.floor(Math.random() * 36 ** SUFFIX_LENGTH)
    .toString(36)
    .padStart(SUFFIX_LENGTH, "0");

function open({ directory, ledger }: MemoryDay): Writer {
  const store = new FileStore(directory);
  const head = store.head() ?? { wall: "main", store: "benchsto", birth: START };
  if (!store.head()) store.create(head);
  const kv: Ledger & Spare = {
    append: async () => {},
    write: async () => {},
    newest: async () => ({ ids: [], foreign: 0, next: null }),
    read: async (ids) => new Map(ids.map((id) => [id, null])),
    publish: async () => {},
    readSpare: async () => null,
  };
  return new Writer({
    head,
    clock: { now: () => now, sleep: async () => {} },
    ledger: kv,
    ...(ledger === "sqlite" && { messages: store }),
    spare: kv,
    journal: store,
    reports: { forget: () => false } as never,
    moderation: {
      isPaused: () => false,
      setPaused: () => {},
      note: () => 0,
      retract: () => {},
      atOnce: (work) => work(),
      notes: () => [],
    },
    kept: {} as never,
    alarm: { get: async () => null, set: async () => {} },
    operations: new Operations(),
    meter: { rebuilt: () => {}, failed: () => {} },
    log: (event, { error } = {}) => {
      if (error) throw new Error(`${event}: ${error}`);
    },
    version: "bench",
    newStoreName: () => "benchsto",
  });
}

/** Memory in use after a collection, heap and buffers together, in MB. */
function usedMb(): number {
  for (let times = 0; times < 3; times += 1) (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / MB;
}

async function day(plan: MemoryDay) {
  const { ledger, perMinute, longest, hours } = plan;
  const rebuilder = open(plan);
  await rebuilder.rebuild();
  let { store, sequence } = await rebuilder.sync();
  const total = hours * 60 * perMinute;
  let committed = now;
  let ticked = now;
  let early = "";
  for (let n = 0; n < total; n += 1) {
    now = START + Math.floor((n * MINUTE_MS) / perMinute);
    const suffix = newSuffix();
    if (n === Math.floor(total / 4)) early = suffix;
    const isLongest = longest && now >= START + (hours - LONGEST_HOURS) * HOUR_MS;
    const message = newMessage(n, suffix, isLongest);
    if (ledger === "sqlite") await rebuilder.append(message);
    else rebuilder.notice(message);
    if (now - committed < COMMIT_MS) continue;
    committed = now;
    ({ sequence } = await rebuilder.sync({ store, sequence }));
    if (now - ticked < MINUTE_MS) continue;
    ticked = now;
    await rebuilder.tick();
  }
  writeFileSync(path.join(plan.directory, "end"), JSON.stringify({ now, early }));
  const writer = usedMb();
  const replica = await replicaOf(rebuilder, longest);
  const { pending } = await rebuilder.status();
  const both = usedMb();
  return {
    writer,
    replica: both - writer,
    pending: pending.size,
    window: replica.view?.window.length,
  };
}

/** An isolate that has requested everything it can hold. */
async function replicaOf(rebuilder: Writer, longest: boolean): Promise<Replica> {
  const replica = new Replica();
  const copied = (sync: Sync): Sync => JSON.parse(JSON.stringify(sync));
  const sync = copied(await rebuilder.sync());
  replica.absorb(sync, now);
  const { store, floor } = sync;
  replica.absorb(copied(await rebuilder.sync({ store, sequence: floor })), now);
  for (let limit = 1; limit <= WINDOW_SIZE; limit += 1) replica.read({ limit }).body();
  for (let n = 0; n < 10_000; n += 1) replica.rememberPost(newMessage(n, newSuffix(), longest));
  return replica;
}

async function start(plan: MemoryDay) {
  const end = JSON.parse(readFileSync(path.join(plan.directory, "end"), "utf8"));
  now = end.now;
  const before = performance.now();
  const rebuilder = open(plan);
  const ms = performance.now() - before;
  const writer = usedMb();
  // A nonce from a quarter into the day: known, although its comment can't be read here.
  const again = newMessage(0, end.early, plan.longest);
  const answer =
    plan.ledger === "sqlite" ? await rebuilder.append(again) : await rebuilder.accept(again);
  if (plan.hours <= 24 && answer !== null) throw new Error("a nonce was forgotten");
  return { writer, ms };
}

const plan: MemoryDay = JSON.parse(process.argv[2] ?? "{}");
const measured = plan.phase === "day" ? await day(plan) : await start(plan);
process.stdout.write(`${JSON.stringify(measured)}\n`, () => process.exit(0));
