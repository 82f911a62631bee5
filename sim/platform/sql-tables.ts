/** The tables of the simulated SQLite, and the steps that change them. */

export type Value = string | number | null | ArrayBuffer | Uint8Array;
export type Row = Readonly<Record<string, Value>>;

/** One step of a write. `before` and `after` are the row, or `undefined` if there is none. */
export type Step =
  | { table: string; key: string; before: Row | undefined; after: Row | undefined }
  | { table: string; created: Table }
  | { table: string; dropped: Table };

/** Rows in the order of their primary key. */
export class Table {
  readonly columns: readonly string[];
  readonly primaryKey: readonly string[];
  /** The key is a single integer column; a row inserted without it gets the next number. */
  readonly isCounted: boolean;
  rows: Row[] = [];
  #byKey = new Map<string, Row>();

  constructor(columns: readonly string[], primaryKey: readonly string[], isCounted: boolean) {
    this.columns = columns;
    this.primaryKey = primaryKey;
    this.isCounted = isCounted;
  }

  copy(): Table {
    const copy = new Table(this.columns, this.primaryKey, this.isCounted);
    copy.rows = [...this.rows];
    copy.#byKey = new Map(this.#byKey);
    return copy;
  }

  get(key: string): Row | undefined {
    return this.#byKey.get(key);
  }

  keyOf(row: Row): string {
    const [first = ""] = this.primaryKey;
    if (this.primaryKey.length === 1) return String(row[first]);
    return this.primaryKey.map((column) => String(row[column])).join("\0");
  }

  set(key: string, row: Row | undefined): void {
    const before = this.#byKey.get(key);
    const at = this.#placeOf(row ?? (before as Row));
    if (row) this.#byKey.set(key, row);
    else this.#byKey.delete(key);
    this.rows.splice(at, before ? 1 : 0, ...(row ? [row] : []));
  }

  /** The next number for a counted key. */
  next(): number {
    const [column = ""] = this.primaryKey;
    return 1 + Number(this.rows.at(-1)?.[column] ?? 0);
  }

  #placeOf(row: Row): number {
    const { rows, primaryKey } = this;
    const last = rows.at(-1);
    if (!last || compareBy(primaryKey, last, row) < 0) return rows.length;
    let low = 0;
    let high = rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareBy(primaryKey, rows[middle] as Row, row) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The tables of a database, without its statements. */
export class Tables {
  readonly #tables = new Map<string, Table>();

  /** Takes over a copy of another database's tables. */
  protected copyFrom(other: Tables): void {
    for (const [name, table] of other.#tables) this.#tables.set(name, table.copy());
  }

  /** All rows of the tables whose names begin with `prefix`. */
  rows(prefix: string): Row[] {
    const tables = [...this.#tables].filter(([name]) => name.startsWith(prefix));
    return tables.flatMap(([, table]) => table.rows);
  }

  table(name: string): Table {
    const table = this.#tables.get(name);
    if (!table) throw new Error(`no such table: ${name}: SQLITE_ERROR`);
    return table;
  }

  names(): string[] {
    return [...this.#tables.keys()];
  }

  has(name: string): boolean {
    return this.#tables.has(name);
  }

  /** Roughly the stored bytes: one for each UTF-16 unit of a text, 8 for any other value. */
  get size(): number {
    let size = 0;
    for (const { rows, columns } of this.#tables.values())
      for (const row of rows)
        for (const column of columns) {
          const value = row[column];
          size += typeof value === "string" ? value.length : 8;
        }
    return size;
  }

  /** Applies a step. */
  take(step: Step): void {
    if ("created" in step) this.#tables.set(step.table, step.created.copy());
    else if ("dropped" in step) this.#tables.delete(step.table);
    else this.table(step.table).set(step.key, step.after);
  }

  /** Undoes a step. */
  takeBack(step: Step): void {
    if ("created" in step) this.#tables.delete(step.table);
    else if ("dropped" in step) this.#tables.set(step.table, step.dropped);
    else this.table(step.table).set(step.key, step.before);
  }
}

/** Nulls first, then numbers, then texts. Texts whose order matters are ASCII, so this is SQLite's order by bytes. */
export function compare(a: Value, b: Value): number {
  if (a === b) return 0;
  const [left, right] = [rank(a), rank(b)];
  if (left !== right) return left - right;
  return (a as number) < (b as number) ? -1 : 1;
}

function rank(value: Value): number {
  if (value === null) return 0;
  return typeof value === "number" ? 1 : 2;
}

export function compareBy(columns: readonly string[], a: Row, b: Row): number {
  for (const column of columns) {
    const compared = compare(a[column] ?? null, b[column] ?? null);
    if (compared !== 0) return compared;
  }
  return 0;
}
