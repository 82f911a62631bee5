/**
 * Reads a bot's settings from its command line. Secrets come from the environment, since other users
 * can read a command line.
 */
import { parseArgs } from "node:util";
import * as v from "valibot";
import { UsernameSchema } from "#schema/comment";
import { USERNAME_MAX_CHARACTERS } from "#schema/limits";
import { BRAIN_NAMES, type BrainName } from "./brains/table";
import { WrongArgument } from "./failure";
import { BrainSchema, type Persona, readPersonas } from "./personas";

const DEFAULT_BRAIN: BrainName = "echo";

/** The options that say which bot to start; a file of personas replaces them. */
const PERSONA_OPTIONS = ["name", "brain", "addressed-only"] as const;

export interface BotSettings {
  /** Without a trailing slash. */
  url: string;
  token: string;
  personas: Persona[];
  thinkMs: number;
}

export const HELP = `npm run bot -- --url URL --name NAME [options]
npm run bot -- --url URL --personas FILE [options]

Answers pending messages on a wall, each once, however many bots run.

  --url URL        the wall, such as http://127.0.0.1:8788
  --name NAME      the bot's name on the wall, 1 to ${USERNAME_MAX_CHARACTERS} characters, to which people address
                   messages; any number of processes may use the same name
  --brain BRAIN    one of ${BRAIN_NAMES.join(", ")}; ${DEFAULT_BRAIN} by default; openai asks any endpoint that has
                   OpenAI's chat API
  --addressed-only answer only messages addressed to NAME; without it, after those, also
                   messages addressed to nobody
  --personas FILE  starts several bots in this process: a JSON list of objects with name, brain and,
                   if wanted, prompt and addressedOnly
  --think SECONDS  how long the brain may take for a message (60)
  --help

Environment:
  BOT_TOKEN        the wall's bot token: \`npm start\` prints it; for other walls ask the operator
  OPENAI_MODEL     for --brain openai: the model's name
  OPENAI_BASE_URL  the endpoint, such as http://127.0.0.1:11434/v1; OpenAI's own by default
  OPENAI_API_KEY   only if the endpoint requires one
  BOT_PROMPT       the model's system prompt; replaces the default one, and a persona's prompt
                   replaces both

On SIGINT and SIGTERM the bot finishes an answer that it is sending, releases an unanswered message, and ends.
Exit codes: 0 ended by a signal, 1 fault, 2 invalid argument or variable, 3 token refused.`;

const THINK_SECONDS = "60";
const THINK_MAX_SECONDS = 3_600;

/** Returns `null` for --help. @throws {WrongArgument} that names the wrong setting */
export function readSettings(argv: string[], env: NodeJS.ProcessEnv): BotSettings | null {
  const values = parse(argv);
  if (values.help) return null;
  return {
    url: readUrl(required("--url", values.url)),
    personas: values.personas === undefined ? [onePersona(values)] : severalPersonas(values),
    thinkMs: readThinkMs(values.think),
    token: readToken(env.BOT_TOKEN),
  };
}

type Values = ReturnType<typeof parse>;

function onePersona(values: Values): Persona {
  return {
    name: readName(required("--name", values.name)),
    brain: readBrain(values.brain ?? DEFAULT_BRAIN),
    addressedOnly: values["addressed-only"] ?? false,
  };
}

function severalPersonas(values: Values): Persona[] {
  for (const option of PERSONA_OPTIONS)
    if (values[option] !== undefined)
      throw new WrongArgument(`Use --personas or --${option}, not both.`);
  return readPersonas(required("--personas", values.personas));
}

function parse(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      options: {
        url: { type: "string" },
        name: { type: "string" },
        brain: { type: "string" },
        "addressed-only": { type: "boolean" },
        personas: { type: "string" },
        think: { type: "string", default: THINK_SECONDS },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    // Only the first sentence of Node's message: the rest explains how to pass an argument that begins with a dash.
    const [sentence = ""] = (error as Error).message.split(/\. |\n/);
    throw new WrongArgument(`${sentence.replace(/\.$/, "")}.`);
  }
}

function required(option: string, value: string | undefined): string {
  if (!value) throw new WrongArgument(`${option} is required.`);
  return value;
}

function readUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash)
    throw new WrongArgument(`--url must be like http://127.0.0.1:8788, not “${text}”.`);
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
}

function readName(text: string): string {
  const name = v.safeParse(UsernameSchema, text);
  if (name.success) return name.output;
  throw new WrongArgument(
    `--name must have 1 to ${USERNAME_MAX_CHARACTERS} visible characters, not “${text}”.`,
  );
}

function readBrain(text: string): BrainName {
  const brain = v.safeParse(BrainSchema, text);
  if (brain.success) return brain.output;
  throw new WrongArgument(`--brain ${brain.issues[0].message}.`);
}

function readThinkMs(text: string): number {
  const seconds = Number(text);
  if (seconds > 0 && seconds <= THINK_MAX_SECONDS) return seconds * 1_000;
  throw new WrongArgument(
    `--think must be a number of seconds up to ${THINK_MAX_SECONDS}, not “${text}”.`,
  );
}

function readToken(token: string | undefined): string {
  if (!token)
    throw new WrongArgument(
      "BOT_TOKEN is not set. Set it to the wall's bot token, which `npm start` prints.",
    );
  // The wall may know several, each perhaps with its holder's name: the first one is as good as any.
  const [first = ""] = token.trim().split(/\s+/);
  const bare = first.slice(first.indexOf(":") + 1);
  if (!/^[\x21-\x7e]+$/.test(bare))
    throw new WrongArgument("BOT_TOKEN contains characters that a token can't have.");
  return bare;
}
