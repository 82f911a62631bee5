/** The rows of the single writer's SQLite, kept in files: none is in the heap, as in production. */
import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import path from "node:path";
import { timestampOf } from "#schema/id";
import type {
  CheckpointRow,
  Journal,
  JournalHead,
  JournalRow,
  NonceArchive,
} from "#worker/journal/journal";
import type { MessageRow, MessageStore } from "#worker/ledger/messages";

const READ_BYTES = 1 << 20;
const LINE_END = 10;

export class FileStore implements Journal, MessageStore {
  readonly #directory: string;
  #generation: 0 | 1;
  #rows: number;
  #messages: number;
  #newest = 0;
  /** Oldest first. */
  #archives: { key: number; newest: number; name: string }[];
  #archive = Buffer.alloc(READ_BYTES);

  constructor(directory: string) {
    this.#directory = directory;
    this.#generation = existsSync(this.#path("generation"))
      ? (Number(this.#text("generation")) as 0 | 1)
      : 0;
    this.#rows = this.#open("rows", "a");
    this.#messages = this.#open("messages", "a");
    this.#archives = readdirSync(directory)
      .filter((name) => name.startsWith("nonces-"))
      .map((name) => ({
        name,
        key: Number(name.split("-")[1]),
        newest: Number(name.split("-")[2]),
      }))
      .sort((a, b) => a.key - b.key);
    for (const { id } of this.youngerThan(0)) this.#newest = timestampOf(id);
  }

  head(): JournalHead | null {
    return existsSync(this.#path("head")) ? JSON.parse(this.#text("head")) : null;
  }

  create(head: JournalHead): void {
    writeFileSync(this.#path("head"), JSON.stringify(head));
  }

  atOnce<T>(work: () => T): T {
    return work();
  }

  read(): Iterable<JournalRow>[] {
    return [this.#other, this.#generation].map((generation) => ({
      [Symbol.iterator]: () => lines<JournalRow>(this.#path(`rows-${generation}`)),
    }));
  }

  append(row: JournalRow): void {
    writeSync(this.#rows, `${JSON.stringify(row)}\n`);
  }

  rotate(checkpoint: Iterable<CheckpointRow>, nonces: readonly NonceArchive[]): number[] {
    closeSync(this.#rows);
    closeSync(this.#messages);
    this.#generation = this.#other;
    this.#rows = this.#open("rows", "w");
    this.#messages = this.#open("messages", "w");
    for (const row of checkpoint) this.append(row);
    writeFileSync(this.#path("generation"), String(this.#generation));
    return nonces.map(({ newest, ids }) => {
      const key = (this.#archives.at(-1)?.key ?? 0) + 1;
      const name = `nonces-${key}-${newest}`;
      writeFileSync(this.#path(name), JSON.stringify(ids));
      this.#archives.push({ key, newest, name });
      return key;
    });
  }

  rename(): number[] {
    throw new Error("a bench restores nothing");
  }

  *archives(since: number): Generator<NonceArchive & { key: number }> {
    for (const { key, newest, name } of this.#archives)
      if (newest >= since) yield { key, newest, ids: JSON.parse(this.#text(name)) };
  }

  archivedId(key: number, suffix: string): string | null {
    const archive = this.#archives.find((one) => one.key === key);
    if (!archive) return null;
    const file = openSync(this.#path(archive.name), "r");
    const size = readSync(file, this.#archive);
    closeSync(file);
    const dash = this.#archive.subarray(0, size).indexOf(`-${suffix}`);
    return dash < 0 ? null : this.#archive.toString("latin1", dash - 13, dash + 11);
  }

  forgetArchives(before: number): void {
    const isOver = ({ newest }: { newest: number }) => newest < before;
    for (const { name } of this.#archives.filter(isOver)) rmSync(this.#path(name));
    this.#archives = this.#archives.filter((archive) => !isOver(archive));
  }

  insert(row: MessageRow): void {
    this.#newest = timestampOf(row.id);
    writeSync(this.#messages, `${JSON.stringify(row)}\n`);
  }

  *youngerThan(timestamp: number): Generator<MessageRow> {
    for (const generation of [this.#other, this.#generation])
      for (const row of lines<MessageRow>(this.#path(`messages-${generation}`)))
        if (timestampOf(row.id) > timestamp) yield row;
  }

  newest(): number {
    return this.#newest;
  }

  // This bench looks up, changes, claims and removes nothing.
  get = () => null;
  behind = () => [];
  change = () => {};
  erase = () => {};
  claims = () => [];
  claim = () => {};
  endClaim = () => {};
  forgetClaims = () => {};
  published = () => -1;
  publish = () => {};

  get #other(): 0 | 1 {
    return this.#generation === 0 ? 1 : 0;
  }

  #open(table: "rows" | "messages", flags: "a" | "w"): number {
    return openSync(this.#path(`${table}-${this.#generation}`), flags);
  }

  #text(name: string): string {
    return readFileSync(this.#path(name), "utf8");
  }

  #path(name: string): string {
    return path.join(this.#directory, name);
  }
}

/** The rows of a file, one at a time. */
function* lines<Row>(file: string): Generator<Row> {
  if (!existsSync(file)) return;
  const descriptor = openSync(file, "r");
  const { size } = fstatSync(descriptor);
  let rest = Buffer.alloc(0);
  try {
    for (let position = 0; position < size; ) {
      const part = Buffer.alloc(READ_BYTES);
      const count = readSync(descriptor, part, 0, READ_BYTES, position);
      position += count;
      const text = Buffer.concat([rest, part.subarray(0, count)]);
      let start = 0;
      for (let end = text.indexOf(LINE_END); end >= 0; end = text.indexOf(LINE_END, start)) {
        yield JSON.parse(text.toString("utf8", start, end));
        start = end + 1;
      }
      rest = text.subarray(start);
    }
  } finally {
    closeSync(descriptor);
  }
}
