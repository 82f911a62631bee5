/** The expressions of the simulated SQLite: their tokens, and a parser that turns them into functions of a row. */
import { compare, type Row, type Step, type Tables, type Value } from "./sql-tables";

export interface Context {
  database: Tables;
  bindings: readonly Value[];
  rowsRead: number;
  rowsWritten: number;
}

export type Expression = (row: Row, context: Context) => Value;
export type Statement = (context: Context, take: (step: Step) => void) => Row[];

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

export const AGGREGATES = new Set(["max", "min", "count", "sum", "total"]);
/** Parses expressions; a statement's parser extends it. */
export abstract class ExpressionParser {
  readonly #query: string;
  protected readonly tokens: Token[];
  protected next = 0;
  protected parameters = 0;

  /** A query in brackets is an expression, too. */
  protected abstract select(): Statement;

  constructor(query: string) {
    this.#query = query;
    this.tokens = tokens(query);
  }

  protected expression(): Expression {
    let left = this.#conjunction();
    while (this.accept("or")) {
      const [a, b] = [left, this.#conjunction()];
      left = (row, context) => Number(isTrue(a(row, context)) || isTrue(b(row, context)));
    }
    return left;
  }

  #conjunction(): Expression {
    let left = this.#negation();
    while (this.accept("and")) {
      const [a, b] = [left, this.#negation()];
      left = (row, context) => Number(isTrue(a(row, context)) && isTrue(b(row, context)));
    }
    return left;
  }

  #negation(): Expression {
    if (!this.accept("not")) return this.#comparison();
    const value = this.#negation();
    return (row, context) => Number(!isTrue(value(row, context)));
  }

  #comparison(): Expression {
    const a = this.additive();
    if (this.accept("is")) {
      const isNot = this.accept("not");
      const b = this.additive();
      return (row, context) => Number((a(row, context) === b(row, context)) !== isNot);
    }
    if (this.accept("between")) {
      const low = this.additive();
      this.expect("and");
      const high = this.additive();
      return (row, context) => {
        const value = a(row, context);
        return Number(
          compare(value, low(row, context)) >= 0 && compare(value, high(row, context)) <= 0,
        );
      };
    }
    if (this.accept("in")) {
      this.expect("(");
      const list = this.list();
      this.expect(")");
      return (row, context) => {
        const value = a(row, context);
        return Number(list.some((each) => each(row, context) === value));
      };
    }
    const sign = this.tokens[this.next];
    const test = sign?.kind === "sign" ? COMPARISONS[sign.text] : undefined;
    if (!test) return a;
    this.next += 1;
    const b = this.additive();
    return (row, context) => {
      const [left, right] = [a(row, context), b(row, context)];
      return left === null || right === null ? null : Number(test(compare(left, right)));
    };
  }

  protected additive(): Expression {
    let left = this.primary();
    for (;;) {
      const a = left;
      if (this.accept("+")) {
        const b = this.primary();
        left = (row, context) => Number(a(row, context)) + Number(b(row, context));
      } else if (this.accept("-")) {
        const b = this.primary();
        left = (row, context) => Number(a(row, context)) - Number(b(row, context));
      } else if (this.accept("||")) {
        const b = this.primary();
        left = (row, context) => `${a(row, context)}${b(row, context)}`;
      } else return left;
    }
  }

  protected primary(): Expression {
    const token = this.tokens[this.next++];
    if (!token) return this.refuse();
    const { kind, text } = token;
    if (kind === "number") {
      const value = Number(text);
      return () => value;
    }
    if (kind === "text") return () => text;
    if (kind === "parameter") {
      const index = text.length > 1 ? Number(text.slice(1)) - 1 : this.parameters++;
      return (_, { bindings }) => bindings[index] ?? null;
    }
    if (text === "-") {
      const value = this.primary();
      return (row, context) => -Number(value(row, context));
    }
    if (text === "(") {
      if (this.accept("select")) {
        const select = this.select();
        this.expect(")");
        return (_, context) => Object.values(select(context, () => {})[0] ?? {})[0] ?? null;
      }
      const inner = this.expression();
      this.expect(")");
      return inner;
    }
    if (kind !== "word") return this.refuse();
    const word = text.toLowerCase();
    if (word === "null") return () => null;
    if (!this.accept("(")) return (row) => row[word] ?? null;
    if (word === "count" && this.accept("*")) {
      this.expect(")");
      return () => aggregated.length;
    }
    const values = this.isNext(")") ? [] : this.list();
    this.expect(")");
    return call(word, values) ?? this.refuse();
  }

  protected list(): Expression[] {
    const list: Expression[] = [];
    do list.push(this.expression());
    while (this.accept(","));
    return list;
  }

  protected names(): string[] {
    this.expect("(");
    const names: string[] = [];
    do names.push(this.name());
    while (this.accept(","));
    this.expect(")");
    return names;
  }

  protected name(): string {
    return this.word()[0];
  }

  protected word(): [string] {
    const token = this.tokens[this.next++];
    if (token?.kind !== "word") return this.refuse();
    return [token.text.toLowerCase()];
  }

  protected isNext(text: string): boolean {
    return this.tokens[this.next]?.text === text;
  }

  /** Consumes the next token if it is this one. */
  protected accept(text: string): boolean {
    const token = this.tokens[this.next];
    if (!token || token.kind === "text" || token.text.toLowerCase() !== text) return false;
    this.next += 1;
    return true;
  }

  protected acceptAll(...words: string[]): boolean {
    const isNext = words.every(
      (word, index) => this.tokens[this.next + index]?.text.toLowerCase() === word,
    );
    if (isNext) this.next += words.length;
    return isNext;
  }

  protected expect(text: string): void {
    if (!this.accept(text)) this.refuse();
  }

  protected refuse(): never {
    const rest = this.tokens.slice(this.next - 1).map(({ text }) => text);
    throw new Error(`the simulated SQL does not support “${rest.join(" ")}” in: ${this.#query}`);
  }
}

/** The rows that the current aggregate is computed from. One variable is enough, since aggregates never nest. */
let aggregated: readonly Row[] = [];

/** Sets the rows that aggregates are computed from. */
export function aggregate(rows: readonly Row[]): void {
  aggregated = rows;
}

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

export function isTrue(value: Value): boolean {
  return value !== null && value !== 0 && value !== "";
}
