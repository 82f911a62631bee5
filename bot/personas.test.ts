import { writeFileSync } from "node:fs";
import path from "node:path";
import { beforeEach, expect, test } from "vitest";
import { scratchDirectory } from "../scripts/command/scratch.mjs";
import { WrongArgument } from "./failure";
import { PERSONAS_MAX, readPersonas } from "./personas";

let file: string;
beforeEach(() => {
  file = path.join(scratchDirectory("personas"), "personas.json");
});

function refusalOf(contents: unknown): string {
  writeFileSync(file, typeof contents === "string" ? contents : JSON.stringify(contents));
  try {
    readPersonas(file);
  } catch (error) {
    expect(error).toBeInstanceOf(WrongArgument);
    return (error as Error).message.replaceAll(file, "FILE");
  }
  throw new Error("not refused");
}

const ada = { name: "ada", brain: "echo" };

test("reads personas; all but name and brain is optional", () => {
  const bob = { name: " bob ", brain: "openai", prompt: "Be brief.", addressedOnly: true };
  writeFileSync(file, JSON.stringify([ada, bob]));
  expect(readPersonas(file)).toEqual([
    { name: "ada", brain: "echo", addressedOnly: false },
    { name: "bob", brain: "openai", prompt: "Be brief.", addressedOnly: true },
  ]);
});

test.each([
  [ada, "FILE must be a list of personas."],
  [[], "FILE must have at least one persona."],
  [[ada, "bob"], "FILE, entry 2: must be an object."],
  [[{ brain: "echo" }], "FILE, entry 1: name is required."],
  [[ada, { name: "bob" }], "FILE, entry 2: brain is required."],
  [[{ ...ada, name: "seventeen letters" }], /^FILE, entry 1: name must have 1 to 16 characters/],
  [
    [ada, { name: "bob", brain: "gpt" }],
    "FILE, entry 2: brain must be one of echo, openai, not “gpt”.",
  ],
  // A name that every object has.
  [
    [{ name: "bob", brain: "toString" }],
    "FILE, entry 1: brain must be one of echo, openai, not “toString”.",
  ],
  [[{ ...ada, brain: 7 }], "FILE, entry 1: brain must be one of echo, openai, not 7."],
  [[{ ...ada, prompt: "" }], "FILE, entry 1: prompt must not be empty."],
  [[{ ...ada, prompt: "x".repeat(8_001) }], /^FILE, entry 1: prompt must have at most 8000/],
  [[{ ...ada, addressedOnly: "yes" }], "FILE, entry 1: addressedOnly must be true or false."],
  [[{ ...ada, entity: "ada" }], "FILE, entry 1: entity is an unknown field."],
  [
    [ada, { ...ada, name: "bob" }, { ...ada, name: "ada " }],
    "FILE, entry 3: name “ada” is already that of entry 1.",
  ],
  [
    Array.from({ length: PERSONAS_MAX + 1 }, (_, n) => ({ ...ada, name: `ada ${n}` })),
    `FILE must have at most ${PERSONAS_MAX} personas.`,
  ],
  ['[\n  {"name": "ada",\n  "brain" "echo"}\n]', /^FILE, line 3, is not valid JSON: .+\.$/],
  ["", /^FILE.* is not valid JSON: .+\.$/],
])("a refusal names the entry and the field, or the line: %j", (contents, words) => {
  const refusal = refusalOf(contents);
  if (typeof words === "string") expect(refusal).toBe(words);
  else expect(refusal).toMatch(words);
});

test("a file that is missing is refused with the reason", () => {
  expect(() => readPersonas(file)).toThrow(/^--personas can't be read: ENOENT.+$/);
});
