import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { ClaimSchema, DraftSchema, PatchSchema, ReleaseSchema } from "../comment";
import { PauseSchema, RemovalSchema, SenderRemovalSchema } from "../moderation";
import { ImportSchema, MoveSchema } from "../move";
import { strictObject } from "./strict-object";
import { validate } from "./validate";

const ID = "1767225600000-0123456789";
const COMMENT = {
  id: ID,
  timestamp: 1_767_225_600_000,
  text: "hi",
  username: "ada",
  color: "#aabbcc",
  type: "human",
  botParams: { processed: false },
};

/** Each API body that has fields, and the pointers of its objects. */
const BODIES = [
  ["post", DraftSchema, { text: "hi", botParams: { entity: "echo" } }, ["", "/botParams"]],
  ["patch", PatchSchema, { botParams: { processed: true } }, ["", "/botParams"]],
  ["claim", ClaimSchema, { bot: "b", seconds: 30 }, [""]],
  ["release", ReleaseSchema, { bot: "b" }, [""]],
  ["removal", RemovalSchema, { reason: "spam" }, [""]],
  ["removal of a sender", SenderRemovalSchema, { sentLike: ID }, [""]],
  ["pause", PauseSchema, { paused: true }, [""]],
  ["move", MoveSchema, { to: "sqlite" }, [""]],
  ["import", ImportSchema, { comments: [COMMENT] }, ["", "/comments/0", "/comments/0/botParams"]],
] as const;

/** Names that plain objects inherit or treat specially, and names that a pointer escapes. */
const NAMES = [
  ["constructor", "constructor"],
  ["prototype", "prototype"],
  ["__proto__", "__proto__"],
  ["toString", "toString"],
  ["hasOwnProperty", "hasOwnProperty"],
  ["__defineGetter__", "__defineGetter__"],
  ["", ""],
  ["0", "0"],
  ["a/b", "a~1b"],
  ["a~b", "a~0b"],
  ["~1", "~01"],
  ["length", "length"],
] as const;

/**
 * A copy of the body as it arrives over the wire, with one more field in the object at the pointer.
 */
function withField(body: object, pointer: string, name: string, value: unknown): unknown {
  const copy = JSON.parse(JSON.stringify(body));
  const at = pointer
    .split("/")
    .slice(1)
    .reduce((object, key) => object[key], copy);
  Object.defineProperty(at, name, { value, enumerable: true });
  return JSON.parse(JSON.stringify(copy));
}

function pointers(schema: v.GenericSchema, body: unknown): string[] {
  const result = validate(schema, body);
  return result.ok ? [] : (result.problem.errors ?? []).map(({ pointer }) => pointer);
}

describe.each(BODIES)("the body of a %s", (_name, schema, body, objects) => {
  test("is accepted without a further field", () => {
    expect(pointers(schema, body)).toEqual([]);
  });

  test.each(NAMES)("is refused with a field “%s” in any of its objects", (name, escaped) => {
    for (const object of objects)
      for (const value of [1, null, { text: "x" }])
        expect(pointers(schema, withField(body, object, name, value))).toEqual([
          `${object}/${escaped}`,
        ]);
  });
});

test("every unknown field is named along with the other errors", () => {
  const body = JSON.parse(
    '{"text": 5, "constructor": 1, "__proto__": {"color": "#aabbcc"}, "x": 2}',
  );
  expect(pointers(DraftSchema, body)).toEqual(["/text", "/constructor", "/__proto__", "/x"]);
});

test("inherited fields don't count", () => {
  const schema = strictObject({ text: v.string(), toString: v.optional(v.string()) });
  expect(pointers(schema, Object.create({ text: "inherited" }))).toEqual(["/text"]);
  expect(validate(schema, { text: "own" })).toEqual({ ok: true, value: { text: "own" } });
  expect(validate(schema, { text: "own", toString: "too" })).toEqual({
    ok: true,
    value: { text: "own", toString: "too" },
  });
});
