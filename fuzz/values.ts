/** Values generated from the schemas, and values that match none. */
import * as v from "valibot";
import type { Random } from "../scripts/command/random.mjs";

type Schema = v.GenericSchema;
type Entries = Record<string, Schema>;

/** Values that differ between fields, and strings that have broken parsers before. */
const STRINGS = [
  "hello",
  "a".repeat(16),
  "x".repeat(1_000),
  "x".repeat(1_001),
  "😀".repeat(300),
  "#1e90ff",
  "#ABCDEF",
  "human",
  "bot",
  "nonce-0123456789_",
  "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU",
  "1700000000000-0123456789",
  "9999999999999-zzzzzzzzzz",
  "0000000000000-0000000000",
  "",
  " ",
  "\u0000",
  "\u202e\u200b\u2066",
  "e\u0301",
  `o${"\u0336".repeat(40)}`,
  "👩\u200d👩\u200d👧 🏴\u{e0067}\u{e0062}\u{e007f}",
  "\ud800",
  "\uffff\ufeff",
  "ﷺ𒐫",
  "<script>alert(1)</script>",
  "'; DROP TABLE head; --",
  "../../etc/passwd",
  "{{7*7}}",
  "__proto__",
  "constructor",
  "null",
  "line\nbreak\r\nand\u2028more",
];

const NUMBERS = [
  0,
  1,
  5,
  30,
  50,
  51,
  99,
  100,
  300,
  301,
  -1,
  -0,
  0.5,
  1e21,
  1e308,
  2 ** 53,
  1_700_000_000_000,
];

const TRIES = 60;

/** A valid value of a schema, or `undefined` if none was found; sometimes with optional fields. */
export function validValue(random: Random, schema: Schema): unknown {
  const inner = unwrapped(schema);
  const entries = entriesOf(inner);
  if (entries) {
    const value: Record<string, unknown> = {};
    for (const [name, field] of Object.entries(entries)) {
      if (field.type === "optional" && random.chance(0.6)) continue;
      const made = validValue(random, field);
      if (made !== undefined) value[name] = made;
    }
    return value;
  }
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const value = scalar(random);
    if (v.safeParse(inner, value).success) return value;
  }
  return undefined;
}

/** The value with one change: a field removed or added, or another type or size. */
export function mutated(random: Random, value: unknown): unknown {
  if (typeof value !== "object" || value === null || random.chance(0.1)) return anything(random, 2);
  const entries = Object.entries(value);
  const names = entries.map(([name]) => name);
  const [name, field] = entries.length > 0 ? random.pick(entries) : ["text", ""];
  const rest = Object.fromEntries(entries.filter(([other]) => other !== name));
  switch (random.integer(0, 3)) {
    case 0:
      return rest;
    case 1:
      // So that `__proto__` is a field, as in JSON.
      return JSON.parse(
        `{${[...names, random.pick(STRINGS)]
          .map((key) => `${JSON.stringify(key)}:${JSON.stringify(anything(random, 1)) ?? "null"}`)
          .join(",")}}`,
      );
    case 2:
      return { ...rest, [name]: mutated(random, field) };
    default:
      return { ...rest, [name]: anything(random, 3) };
  }
}

/** Any JSON value at all. */
export function anything(random: Random, depth: number): unknown {
  const kind = random.integer(0, depth > 0 ? 3 : 1);
  if (kind <= 1) return scalar(random);
  const size = random.integer(0, 4);
  if (kind === 2) return Array.from({ length: size }, () => anything(random, depth - 1));
  return Object.fromEntries(
    Array.from({ length: size }, () => [random.pick(STRINGS), anything(random, depth - 1)]),
  );
}

/** A string from the list, sometimes with another appended. */
export function text(random: Random): string {
  return random.chance(0.8) ? random.pick(STRINGS) : random.pick(STRINGS) + random.pick(STRINGS);
}

/** 8 to 64 characters allowed in a nonce, usually unique. */
export function nonce(random: Random): string {
  return random.chance(0.05)
    ? `fuzz-shared-${random.integer(0, 20)}`
    : `fuzz-${random.next()}`.replace(".", "_");
}

function scalar(random: Random): unknown {
  const kind = random.integer(0, 9);
  if (kind <= 5) return text(random);
  if (kind <= 7) return random.pick(NUMBERS);
  return random.pick([true, false, null]);
}

function unwrapped(schema: Schema): Schema {
  return schema.type === "optional"
    ? (schema as v.OptionalSchema<Schema, undefined>).wrapped
    : schema;
}

function entriesOf(schema: Schema): Entries | undefined {
  const parts = "pipe" in schema ? (schema.pipe as Schema[]) : [schema];
  // A strict object (schema/strict-object.ts) names its fields in a lazy part.
  const isLazy = (part: Schema) => part.type === "lazy";
  const known = parts.map((part) =>
    isLazy(part) ? (part as v.LazySchema<Schema>).getter({}) : part,
  );
  return known.map((part) => (part as { entries?: Entries }).entries).find(Boolean);
}
