/** The statements of the simulated SQLite. */

import {
  AGGREGATES,
  aggregate as aggregateOver,
  type Context,
  type Expression,
  ExpressionParser,
  isTrue,
  type Statement,
} from "./sql-expressions";
import { compare, type Row, Table, type Value } from "./sql-tables";

const NO_ROW: Row = {};
const statements = new Map<string, Statement>();

export function statement(query: string): Statement {
  // The queries contain table names, and tables of days and volumes come and go: old queries must not accumulate.
  if (statements.size > 1_000) statements.clear();
  let known = statements.get(query);
  if (!known) {
    known = new Parser(query).statement();
    statements.set(query, known);
  }
  return known;
}

class Parser extends ExpressionParser {
  statement(): Statement {
    const [verb] = this.word();
    const parsed = this.#statement(verb);
    this.accept(";");
    if (this.next < this.tokens.length) this.refuse();
    return parsed;
  }

  #statement(verb: string): Statement {
    if (verb === "create") return this.#create();
    if (verb === "drop") return this.#drop();
    if (verb === "insert" || verb === "replace") return this.#insert(verb === "replace");
    if (verb === "update") return this.#update();
    if (verb === "delete") return this.#delete();
    if (verb === "select") return this.select();
    return this.refuse();
  }

  #create(): Statement {
    if (this.accept("index") || this.accept("unique")) {
      // An index changes no answer: skip the rest of the statement.
      this.next = this.tokens.length;
      return () => [];
    }
    this.expect("table");
    const mayBeThere = this.acceptAll("if", "not", "exists");
    const name = this.name();
    this.expect("(");
    const columns: string[] = [];
    let primaryKey: string[] = [];
    let isCounted = false;
    do {
      if (this.acceptAll("primary", "key")) {
        primaryKey = this.names();
        continue;
      }
      const column = this.name();
      columns.push(column);
      let type = "";
      while (!this.isNext(",") && !this.isNext(")")) {
        if (this.acceptAll("primary", "key")) {
          primaryKey = [column];
          isCounted = type === "integer";
        } else if (this.accept("default")) this.primary();
        else {
          const [word] = this.word();
          type ||= word;
        }
      }
    } while (this.accept(","));
    this.expect(")");
    this.acceptAll("without", "rowid");
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
    this.expect("table");
    const mayBeGone = this.acceptAll("if", "exists");
    const name = this.name();
    return ({ database }, take) => {
      if (mayBeGone && !database.has(name)) return [];
      take({ table: name, dropped: database.table(name) });
      return [];
    };
  }

  #insert(isReplace: boolean): Statement {
    let replaces = isReplace;
    let ignores = false;
    if (this.accept("or")) {
      const [how] = this.word();
      replaces = how === "replace";
      ignores = how === "ignore";
    }
    this.expect("into");
    const name = this.name();
    const columns = this.names();
    this.expect("values");
    const tuples: Expression[][] = [];
    do {
      this.expect("(");
      tuples.push(this.list());
      this.expect(")");
    } while (this.accept(","));
    let updates: [string, Expression][] | null = null;
    if (this.acceptAll("on", "conflict")) {
      if (this.isNext("(")) this.names();
      this.expect("do");
      if (this.accept("nothing")) ignores = true;
      else {
        this.expect("update");
        this.expect("set");
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
    const name = this.name();
    this.expect("set");
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
    this.expect("from");
    const name = this.name();
    const where = this.#where();
    return (context, take) => {
      const table = context.database.table(name);
      for (const before of where(context, table))
        take({ table: name, key: table.keyOf(before), before, after: undefined });
      return [];
    };
  }

  protected select(): Statement {
    const items: { name: string; value: Expression; all?: true }[] = [];
    let isAggregate = false;
    do {
      if (this.accept("*")) {
        items.push({ name: "*", value: () => null, all: true });
        continue;
      }
      const start = this.next;
      const token = this.tokens[start];
      const aggregate = token?.kind === "word" ? token.text.toLowerCase() : "";
      isAggregate ||= AGGREGATES.has(aggregate) && this.tokens[start + 1]?.text === "(";
      const value = this.expression();
      const written = this.tokens.slice(start, this.next).map(({ text }) => text);
      items.push({ name: this.accept("as") ? this.name() : written.join(""), value });
    } while (this.accept(","));
    const from = this.accept("from") ? this.name() : null;
    const where = this.#where();
    const order: { value: Expression; sign: number }[] = [];
    if (this.acceptAll("order", "by"))
      do {
        const value = this.expression();
        const isDescending = this.accept("desc");
        if (!isDescending) this.accept("asc");
        order.push({ value, sign: isDescending ? -1 : 1 });
      } while (this.accept(","));
    const limit = this.accept("limit") ? this.expression() : null;
    const offset = this.accept("offset") ? this.expression() : null;
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
        aggregateOver(found);
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
    if (!this.accept("where")) return (_, table) => [...table.rows];
    const equals = new Map<string, Expression>();
    const start = this.next;
    const parameters = this.parameters;
    let isSimple = true;
    // Look ahead for a condition like `a = ? AND b = ?`, then go back and parse the condition itself.
    while (isSimple) {
      const column = this.tokens[this.next];
      if (column?.kind !== "word" || this.tokens[this.next + 1]?.text !== "=") break;
      this.next += 2;
      equals.set(column.text.toLowerCase(), this.additive());
      if (!this.accept("and")) break;
    }
    const after = this.next;
    this.next = start;
    this.parameters = parameters;
    const condition = this.expression();
    isSimple = after === this.next && equals.size > 0;
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
      const column = this.name();
      this.expect("=");
      assignments.push([column, this.expression()]);
    } while (this.accept(","));
    return assignments;
  }
}
