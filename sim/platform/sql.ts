/**
 * Implements the part of SQLite that the Worker's queries use, so that the shipped queries run in the simulation.
 * Rows are never changed in place, because an incarnation's durable copy and its working copy share them. Each write
 * is a list of small steps, which can be repeated on the other copy, or undone.
 */

export type Value = string | number | null | ArrayBuffer | Uint8Array;
export type Row = Readonly<Record<string, Value>>;

/** The platform rejects a larger string or blob; the simulation checks strings only. */
const VALUE_MAX_BYTES = 2_000_000;
/** A string of at most this many UTF-16 units fits whatever its characters are, so its bytes are not counted. */
const VALUE_SAFE_CHARACTERS = VALUE_MAX_BYTES / 4;

/** One step of a write. `before` and `after` are the row, or `undefined` if there is none. */
export type Step =
  | { table: string; key: string; before: Row | undefined; after: Row | undefined }
  | { table: string; created: Table }
  | { table: string; dropped: Table };

export interface Result {
  rows: Row[];
  rowsRead: number;
  rowsWritten: number;
}

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

export class Database {
  readonly #tables = new Map<string, Table>();

  copy(): Database {
    const copy = new Database();
    for (const [name, table] of this.#tables) copy.#tables.set(name, table.copy());
    return copy;
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

  /** Runs a statement, and calls `stepped` after each step that it took. */
  run(query: string, bindings: readonly Value[], stepped: (step: Step) => void): Result {
    for (const value of bindings) refuseTooBig(value);
    const context = { database: this, bindings, rowsRead: 0, rowsWritten: 0 };
    const take = (step: Step) => {
      this.take(step);
      stepped(step);
      if ("key" in step) context.rowsWritten += 1;
    };
    const rows = statement(query)(context, take);
    return { rows, rowsRead: context.rowsRead, rowsWritten: context.rowsWritten };
  }
}

function refuseTooBig(value: Value): void {
  if (typeof value !== "string" || value.length <= VALUE_SAFE_CHARACTERS) return;
  if (Buffer.byteLength(value) > VALUE_MAX_BYTES)
    throw new Error("string or blob too big: SQLITE_TOOBIG");
}

interface Context {
  database: Database;
  bindings: readonly Value[];
  rowsRead: number;
  rowsWritten: number;
}

type Expression = (row: Row, context: Context) => Value;
type Statement = (context: Context, take: (step: Step) => void) => Row[];

const NO_ROW: Row = {};
const statements = new Map<string, Statement>();

function statement(query: string): Statement {
  // The queries contain table names, and tables of days and volumes come and go: old queries must not accumulate.
  if (statements.size > 1_000) statements.clear();
  let known = statements.get(query);
  if (!known) {
    known = new Parser(query).statement();
    statements.set(query, known);
  }
  return known;
}

const TOKEN =
  /\s*(?:(\d+)|'((?:[^']|'')*)'|(\?\d*)|([A-Za-z_][A-Za-z_0-9]*(?:\.[A-Za-z_]+)?)|(<=|>=|<>|!=|\|\||[(),*=<>+;-]))/y;

interface Token {
  kind: "number" | "text" | "parameter" | "word" | "sign";
  text: string;
}

function tokens(query: string): Token[] {
  const found: Token[] = [];
  TOKEN.lastIndex = 0;
  while (query.slice(TOKEN.lastIndex).trim() !== "") {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(query);
    if (!match) throw new Error(`the simulated SQL can't parse: ${query.slice(at)}`);
    const [, number, text, parameter, word, sign] = match;
    if (number !== undefined) found.push({ kind: "number", text: number });
    else if (text !== undefined) found.push({ kind: "text", text: text.replaceAll("''", "'") });
    else if (parameter !== undefined) found.push({ kind: "parameter", text: parameter });
    else if (word !== undefined) found.push({ kind: "word", text: word });
    else found.push({ kind: "sign", text: sign ?? "" });
  }
  return found;
}

const AGGREGATES = new Set(["max", "min", "count", "sum", "total"]);

class Parser {
  readonly #query: string;
  readonly #tokens: Token[];
  #next = 0;
  #parameters = 0;

  constructor(query: string) {
    this.#query = query;
    this.#tokens = tokens(query);
  }

  statement(): Statement {
    const [verb] = this.#word();
    const parsed = this.#statement(verb);
    this.#accept(";");
    if (this.#next < this.#tokens.length) this.#refuse();
    return parsed;
  }

  #statement(verb: string): Statement {
    if (verb === "create") return this.#create();
    if (verb === "drop") return this.#drop();
    if (verb === "insert" || verb === "replace") return this.#insert(verb === "replace");
    if (verb === "update") return this.#update();
    if (verb === "delete") return this.#delete();
    if (verb === "select") return this.#select();
    return this.#refuse();
  }

  #create(): Statement {
    if (this.#accept("index") || this.#accept("unique")) {
      // An index changes no answer: skip the rest of the statement.
      this.#next = this.#tokens.length;
      return () => [];
    }
    this.#expect("table");
    const mayBeThere = this.#acceptAll("if", "not", "exists");
    const name = this.#name();
    this.#expect("(");
    const columns: string[] = [];
    let primaryKey: string[] = [];
    let isCounted = false;
    do {
      if (this.#acceptAll("primary", "key")) {
        primaryKey = this.#names();
        continue;
      }
      const column = this.#name();
      columns.push(column);
      let type = "";
      while (!this.#isNext(",") && !this.#isNext(")")) {
        if (this.#acceptAll("primary", "key")) {
          primaryKey = [column];
          isCounted = type === "integer";
        } else if (this.#accept("default")) this.#primary();
        else {
          const [word] = this.#word();
          type ||= word;
        }
      }
    } while (this.#accept(","));
    this.#expect(")");
    this.#acceptAll("without", "rowid");
    const isKeyless = primaryKey.length === 0;
    const key = isKeyless ? ["rowid"] : primaryKey;
    return ({ database }, take) => {
      if (database.has(name)) {
        if (mayBeThere) return [];
        throw new Error(`table ${name} already exists: SQLITE_ERROR`);
      }
      const all = isKeyless ? ["rowid", ...columns] : columns;
      take({ table: name, created: new Table(all, key, isCounted || isKeyless) });
      return [];
    };
  }

  #drop(): Statement {
    this.#expect("table");
    const mayBeGone = this.#acceptAll("if", "exists");
    const name = this.#name();
    return ({ database }, take) => {
      if (mayBeGone && !database.has(name)) return [];
      take({ table: name, dropped: database.table(name) });
      return [];
    };
  }

  #insert(isReplace: boolean): Statement {
    let replaces = isReplace;
    let ignores = false;
    if (this.#accept("or")) {
      const [how] = this.#word();
      replaces = how === "replace";
      ignores = how === "ignore";
    }
    this.#expect("into");
    const name = this.#name();
    const columns = this.#names();
    this.#expect("values");
    const tuples: Expression[][] = [];
    do {
      this.#expect("(");
      tuples.push(this.#list());
      this.#expect(")");
    } while (this.#accept(","));
    let updates: [string, Expression][] | null = null;
    if (this.#acceptAll("on", "conflict")) {
      if (this.#isNext("(")) this.#names();
      this.#expect("do");
      if (this.#accept("nothing")) ignores = true;
      else {
        this.#expect("update");
        this.#expect("set");
        updates = this.#assignments();
      }
    }
    return (context, take) => {
      const table = context.database.table(name);
      for (const tuple of tuples) {
        const given: Record<string, Value> = {};
        for (const column of table.columns) given[column] = null;
        for (const [index, column] of columns.entries())
          given[column] = tuple[index]?.(NO_ROW, context) ?? null;
        const [first = ""] = table.primaryKey;
        if (table.isCounted && given[first] === null) given[first] = table.next();
        const key = table.keyOf(given);
        const before = table.get(key);
        if (before && ignores) continue;
        if (before && updates) {
          const excluded = Object.fromEntries(
            Object.entries(given).map(([column, value]) => [`excluded.${column}`, value]),
          );
          const after: Record<string, Value> = { ...before };
          for (const [column, value] of updates)
            after[column] = value({ ...before, ...excluded }, context);
          take({ table: name, key, before, after });
          continue;
        }
        if (before && !replaces)
          throw new Error(`UNIQUE constraint failed: ${name}: SQLITE_CONSTRAINT`);
        take({ table: name, key, before, after: given });
      }
      return [];
    };
  }

  #update(): Statement {
    const name = this.#name();
    this.#expect("set");
    const assignments = this.#assignments();
    const where = this.#where();
    return (context, take) => {
      for (const before of where(context, context.database.table(name))) {
        const after: Record<string, Value> = { ...before };
        for (const [column, value] of assignments) after[column] = value(before, context);
        const key = context.database.table(name).keyOf(before);
        take({ table: name, key, before, after });
      }
      return [];
    };
  }

  #delete(): Statement {
    this.#expect("from");
    const name = this.#name();
    const where = this.#where();
    return (context, take) => {
      const table = context.database.table(name);
      for (const before of where(context, table))
        take({ table: name, key: table.keyOf(before), before, after: undefined });
      return [];
    };
  }

  #select(): Statement {
    const items: { name: string; value: Expression; all?: true }[] = [];
    let isAggregate = false;
    do {
      if (this.#accept("*")) {
        items.push({ name: "*", value: () => null, all: true });
        continue;
      }
      const start = this.#next;
      const token = this.#tokens[start];
      const aggregate = token?.kind === "word" ? token.text.toLowerCase() : "";
      isAggregate ||= AGGREGATES.has(aggregate) && this.#tokens[start + 1]?.text === "(";
      const value = this.#expression();
      const written = this.#tokens.slice(start, this.#next).map(({ text }) => text);
      items.push({ name: this.#accept("as") ? this.#name() : written.join(""), value });
    } while (this.#accept(","));
    const from = this.#accept("from") ? this.#name() : null;
    const where = this.#where();
    const order: { value: Expression; sign: number }[] = [];
    if (this.#acceptAll("order", "by"))
      do {
        const value = this.#expression();
        const isDescending = this.#accept("desc");
        if (!isDescending) this.#accept("asc");
        order.push({ value, sign: isDescending ? -1 : 1 });
      } while (this.#accept(","));
    const limit = this.#accept("limit") ? this.#expression() : null;
    const offset = this.#accept("offset") ? this.#expression() : null;
    const project = (row: Row, context: Context): Row => {
      const projected: Record<string, Value> = {};
      for (const { name, value, all } of items)
        if (all) Object.assign(projected, row);
        else projected[name] = value(row, context);
      return projected;
    };
    return (context) => {
      const found = from === null ? [NO_ROW] : where(context, context.database.table(from));
      if (isAggregate) {
        aggregated = found;
        return [project(found[0] ?? NO_ROW, context)];
      }
      const sorted =
        order.length === 0
          ? found
          : [...found].sort((a, b) => {
              for (const { value, sign } of order) {
                const compared = compare(value(a, context), value(b, context));
                if (compared !== 0) return sign * compared;
              }
              return 0;
            });
      const start = offset === null ? 0 : Number(offset(NO_ROW, context));
      const end = limit === null ? undefined : start + Number(limit(NO_ROW, context));
      return sorted.slice(start, end).map((row) => project(row, context));
    };
  }

  /** Finds the rows that match a condition; by key if it consists of equations only, and these give the whole key. */
  #where(): (context: Context, table: Table) => Row[] {
    if (!this.#accept("where")) return (_, table) => [...table.rows];
    const equals = new Map<string, Expression>();
    const start = this.#next;
    const parameters = this.#parameters;
    let isSimple = true;
    // Look ahead for a condition like `a = ? AND b = ?`, then go back and parse the condition itself.
    while (isSimple) {
      const column = this.#tokens[this.#next];
      if (column?.kind !== "word" || this.#tokens[this.#next + 1]?.text !== "=") break;
      this.#next += 2;
      equals.set(column.text.toLowerCase(), this.#additive());
      if (!this.#accept("and")) break;
    }
    const after = this.#next;
    this.#next = start;
    this.#parameters = parameters;
    const condition = this.#expression();
    isSimple = after === this.#next && equals.size > 0;
    return (context, table) => {
      if (isSimple && table.primaryKey.every((column) => equals.has(column))) {
        const key: Record<string, Value> = {};
        for (const column of table.primaryKey)
          key[column] = equals.get(column)?.(NO_ROW, context) ?? null;
        const row = table.get(table.keyOf(key));
        if (!row || !isTrue(condition(row, context))) return [];
        context.rowsRead += 1;
        return [row];
      }
      context.rowsRead += table.rows.length;
      return table.rows.filter((row) => isTrue(condition(row, context)));
    };
  }

  #assignments(): [string, Expression][] {
    const assignments: [string, Expression][] = [];
    do {
      const column = this.#name();
      this.#expect("=");
      assignments.push([column, this.#expression()]);
    } while (this.#accept(","));
    return assignments;
  }

  #expression(): Expression {
    let left = this.#conjunction();
    while (this.#accept("or")) {
      const [a, b] = [left, this.#conjunction()];
      left = (row, context) => Number(isTrue(a(row, context)) || isTrue(b(row, context)));
    }
    return left;
  }

  #conjunction(): Expression {
    let left = this.#negation();
    while (this.#accept("and")) {
      const [a, b] = [left, this.#negation()];
      left = (row, context) => Number(isTrue(a(row, context)) && isTrue(b(row, context)));
    }
    return left;
  }

  #negation(): Expression {
    if (!this.#accept("not")) return this.#comparison();
    const value = this.#negation();
    return (row, context) => Number(!isTrue(value(row, context)));
  }

  #comparison(): Expression {
    const a = this.#additive();
    if (this.#accept("is")) {
      const isNot = this.#accept("not");
      const b = this.#additive();
      return (row, context) => Number((a(row, context) === b(row, context)) !== isNot);
    }
    if (this.#accept("between")) {
      const low = this.#additive();
      this.#expect("and");
      const high = this.#additive();
      return (row, context) => {
        const value = a(row, context);
        return Number(
          compare(value, low(row, context)) >= 0 && compare(value, high(row, context)) <= 0,
        );
      };
    }
    if (this.#accept("in")) {
      this.#expect("(");
      const list = this.#list();
      this.#expect(")");
      return (row, context) => {
        const value = a(row, context);
        return Number(list.some((each) => each(row, context) === value));
      };
    }
    const sign = this.#tokens[this.#next];
    const test = sign?.kind === "sign" ? COMPARISONS[sign.text] : undefined;
    if (!test) return a;
    this.#next += 1;
    const b = this.#additive();
    return (row, context) => {
      const [left, right] = [a(row, context), b(row, context)];
      return left === null || right === null ? null : Number(test(compare(left, right)));
    };
  }

  #additive(): Expression {
    let left = this.#primary();
    for (;;) {
      const a = left;
      if (this.#accept("+")) {
        const b = this.#primary();
        left = (row, context) => Number(a(row, context)) + Number(b(row, context));
      } else if (this.#accept("-")) {
        const b = this.#primary();
        left = (row, context) => Number(a(row, context)) - Number(b(row, context));
      } else if (this.#accept("||")) {
        const b = this.#primary();
        left = (row, context) => `${a(row, context)}${b(row, context)}`;
      } else return left;
    }
  }

  #primary(): Expression {
    const token = this.#tokens[this.#next++];
    if (!token) return this.#refuse();
    const { kind, text } = token;
    if (kind === "number") {
      const value = Number(text);
      return () => value;
    }
    if (kind === "text") return () => text;
    if (kind === "parameter") {
      const index = text.length > 1 ? Number(text.slice(1)) - 1 : this.#parameters++;
      return (_, { bindings }) => bindings[index] ?? null;
    }
    if (text === "-") {
      const value = this.#primary();
      return (row, context) => -Number(value(row, context));
    }
    if (text === "(") {
      if (this.#accept("select")) {
        const select = this.#select();
        this.#expect(")");
        return (_, context) => Object.values(select(context, () => {})[0] ?? {})[0] ?? null;
      }
      const inner = this.#expression();
      this.#expect(")");
      return inner;
    }
    if (kind !== "word") return this.#refuse();
    const word = text.toLowerCase();
    if (word === "null") return () => null;
    if (!this.#accept("(")) return (row) => row[word] ?? null;
    if (word === "count" && this.#accept("*")) {
      this.#expect(")");
      return () => aggregated.length;
    }
    const values = this.#isNext(")") ? [] : this.#list();
    this.#expect(")");
    return call(word, values) ?? this.#refuse();
  }

  #list(): Expression[] {
    const list: Expression[] = [];
    do list.push(this.#expression());
    while (this.#accept(","));
    return list;
  }

  #names(): string[] {
    this.#expect("(");
    const names: string[] = [];
    do names.push(this.#name());
    while (this.#accept(","));
    this.#expect(")");
    return names;
  }

  #name(): string {
    return this.#word()[0];
  }

  #word(): [string] {
    const token = this.#tokens[this.#next++];
    if (token?.kind !== "word") return this.#refuse();
    return [token.text.toLowerCase()];
  }

  #isNext(text: string): boolean {
    return this.#tokens[this.#next]?.text === text;
  }

  /** Consumes the next token if it is this one. */
  #accept(text: string): boolean {
    const token = this.#tokens[this.#next];
    if (!token || token.kind === "text" || token.text.toLowerCase() !== text) return false;
    this.#next += 1;
    return true;
  }

  #acceptAll(...words: string[]): boolean {
    const isNext = words.every(
      (word, index) => this.#tokens[this.#next + index]?.text.toLowerCase() === word,
    );
    if (isNext) this.#next += words.length;
    return isNext;
  }

  #expect(text: string): void {
    if (!this.#accept(text)) this.#refuse();
  }

  #refuse(): never {
    const rest = this.#tokens.slice(this.#next - 1).map(({ text }) => text);
    throw new Error(`the simulated SQL does not support “${rest.join(" ")}” in: ${this.#query}`);
  }
}

/** The rows that the current aggregate is computed from. One variable is enough, since aggregates never nest. */
let aggregated: readonly Row[] = [];

const COMPARISONS: Record<string, (compared: number) => boolean> = {
  "=": (compared) => compared === 0,
  "<>": (compared) => compared !== 0,
  "!=": (compared) => compared !== 0,
  "<": (compared) => compared < 0,
  ">": (compared) => compared > 0,
  "<=": (compared) => compared <= 0,
  ">=": (compared) => compared >= 0,
};

function call(name: string, values: Expression[]): Expression | null {
  const [a, b, c] = values;
  const nothing: Expression = () => null;
  const [first, second, third] = [a ?? nothing, b ?? nothing, c ?? nothing];
  switch (name) {
    case "iif":
      return (row, context) =>
        isTrue(first(row, context)) ? second(row, context) : third(row, context);
    case "instr":
      return (row, context) =>
        1 + String(first(row, context) ?? "").indexOf(String(second(row, context)));
    case "substr":
      return (row, context) => {
        const start = Number(second(row, context)) - 1;
        return String(first(row, context) ?? "").slice(start, start + Number(third(row, context)));
      };
    case "length":
      return (row, context) => String(first(row, context) ?? "").length;
    case "coalesce":
    case "ifnull":
      return (row, context) => {
        for (const value of values) {
          const found = value(row, context);
          if (found !== null) return found;
        }
        return null;
      };
    case "min":
    case "max": {
      const sign = name === "max" ? 1 : -1;
      const best = (all: Value[]) =>
        all
          .filter((value) => value !== null)
          .reduce<Value>(
            (found, value) => (found === null || sign * compare(value, found) > 0 ? value : found),
            null,
          );
      if (values.length > 1) return (row, context) => best(values.map((v) => v(row, context)));
      return (_, context) => best(aggregated.map((row) => first(row, context)));
    }
    case "count":
      return (_, context) => aggregated.filter((row) => first(row, context) !== null).length;
    case "sum":
    case "total":
      return (_, context) =>
        aggregated.length === 0 && name === "sum"
          ? null
          : aggregated.reduce((sum, row) => sum + Number(first(row, context) ?? 0), 0);
    default:
      return null;
  }
}

function isTrue(value: Value): boolean {
  return value !== null && value !== 0 && value !== "";
}

/** Nulls first, then numbers, then texts. Texts whose order matters are ASCII, so this is SQLite's order by bytes. */
function compare(a: Value, b: Value): number {
  if (a === b) return 0;
  const [left, right] = [rank(a), rank(b)];
  if (left !== right) return left - right;
  return (a as number) < (b as number) ? -1 : 1;
}

function rank(value: Value): number {
  if (value === null) return 0;
  return typeof value === "number" ? 1 : 2;
}

function compareBy(columns: readonly string[], a: Row, b: Row): number {
  for (const column of columns) {
    const compared = compare(a[column] ?? null, b[column] ?? null);
    if (compared !== 0) return compared;
  }
  return 0;
}
