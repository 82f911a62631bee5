/** Personas: the bots of one process, each with its own name, brain, claims and live channel. */
import { readFileSync } from "node:fs";
import * as v from "valibot";
import { strictObject } from "#schema/check/strict-object";
import { UsernameSchema } from "#schema/comment";
import { LIVE_SOCKETS_PER_NETWORK } from "#schema/live/messages";
import { BRAIN_NAMES } from "./brains/table";
import { WrongArgument } from "./failure";

/** Each has a live channel of its own; the other half is for the browsers of the same network. */
export const PERSONAS_MAX = LIVE_SOCKETS_PER_NETWORK / 2;

/** A model reads it with every message. */
const PROMPT_MAX_CHARACTERS = 8_000;

export const BrainSchema = v.picklist(BRAIN_NAMES, ({ input }) => {
  const given = typeof input === "string" ? `“${input}”` : JSON.stringify(input);
  return `must be one of ${BRAIN_NAMES.join(", ")}, not ${given}`;
});

const PersonaSchema = strictObject({
  /** Its name on the wall, and the entity that messages to it are addressed to. */
  name: UsernameSchema,
  brain: BrainSchema,
  /** For a model; `BOT_PROMPT` by default. */
  prompt: v.optional(
    v.pipe(
      v.string("must be a string"),
      v.minLength(1, "must not be empty"),
      v.maxLength(PROMPT_MAX_CHARACTERS, `must have at most ${PROMPT_MAX_CHARACTERS} characters`),
    ),
  ),
  /** Whether to leave messages that are addressed to nobody to others. */
  addressedOnly: v.optional(v.boolean("must be true or false"), false),
});

const PersonasSchema = v.pipe(
  v.array(PersonaSchema, "must be a list of personas"),
  v.minLength(1, "must have at least one persona"),
  v.maxLength(PERSONAS_MAX, `must have at most ${PERSONAS_MAX} personas`),
);

export type Persona = v.InferOutput<typeof PersonaSchema>;

/** Reads a JSON file of personas. @throws {WrongArgument} naming the file, and the entry and field or the line */
export function readPersonas(file: string): Persona[] {
  const result = v.safeParse(PersonasSchema, parseJson(file, readText(file)));
  if (!result.success) throw new WrongArgument(`${file}${wordsOf(result.issues[0])}.`);
  const personas = result.output;
  personas.forEach(({ name }, index) => {
    const first = personas.findIndex((other) => other.name === name);
    if (first < index)
      throw new WrongArgument(
        `${file}, entry ${index + 1}: name “${name}” is already that of entry ${first + 1}.`,
      );
  });
  return personas;
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new WrongArgument(`--personas can't be read: ${(error as Error).message}.`);
  }
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const { message } = error as SyntaxError;
    // Node names a position for most errors, and quotes the text around the others.
    const [, position] = / at position (\d+)/.exec(message) ?? [];
    const line = position && text.slice(0, Number(position)).split("\n").length;
    const place = line ? `, line ${line},` : "";
    throw new WrongArgument(`${file}${place} is not valid JSON: ${message}.`);
  }
}

/** `, entry 2: brain must be …`, or ` must be …` for the whole file. */
function wordsOf(issue: v.BaseIssue<unknown>): string {
  const [index, ...fields] = (issue.path ?? []).map(({ key }) => key);
  const isMissing = issue.kind === "schema" && issue.received === "undefined";
  const detail = isMissing ? "is required" : issue.message;
  if (index === undefined) return ` ${detail}`;
  return [`, entry ${Number(index) + 1}:`, ...fields.map(String), detail].join(" ");
}
