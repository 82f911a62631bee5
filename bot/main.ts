/** The bot, put together. */
import { randomBytes } from "node:crypto";
import { suffixFromBytes } from "#schema/id";
import { HELP, readSettings } from "./args";
import { Bot } from "./bot";
import { BRAINS } from "./brains";
import { systemClock } from "./clock";
import { TokenRefused, WrongArgument } from "./failure";
import { openLog } from "./log";
import { Wall } from "./wall";

const SUFFIX_LENGTH = 8;

/** Who stops a bot with SIGTERM as a rule kills it 10 s later. */
const STOP_DEADLINE_MS = 8_000;

interface RunningBot {
  /** Resolves once the bot has ended; rejects with what ended it. */
  ended: Promise<void>;
  /** Ends it: what it holds is finished or given back. */
  stop(): Promise<void>;
}

/** `null` when help was asked for, which is then written. @throws {WrongArgument} */
export function start(
  argv: string[],
  env: NodeJS.ProcessEnv,
  write: (text: string) => void,
): RunningBot | null {
  const settings = readSettings(argv, env);
  if (!settings) {
    write(`${HELP}\n`);
    return null;
  }
  const { url, token, name, entities, thinkMs } = settings;
  const brain = BRAINS[settings.brain](env);
  const instance = `${name}-${randomSuffix()}`;
  const log = openLog(instance, write);
  const stopping = new AbortController();
  const bot = new Bot({
    wall: new Wall({ url, token }),
    brain,
    clock: systemClock,
    random: Math.random,
    log,
    name,
    instance,
    entities,
    thinkMs,
    stopping: stopping.signal,
  });
  log(`answers at ${url} with the ${settings.brain} brain${forWhom(entities)}`);
  const ended = bot.run().then(() => log("ended"));
  return {
    ended,
    async stop() {
      stopping.abort(new Error("the bot is ending"));
      const late = systemClock.sleep(STOP_DEADLINE_MS).then(() => log("ended in the middle"));
      await Promise.race([ended.catch(() => {}), late]);
    },
  };
}

/** The exit code that an error stands for. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof WrongArgument) return 2;
  if (error instanceof TokenRefused) return 3;
  return 1;
}

/** What to tell a person; `null` for a fault of the bot itself, whose stack says more. */
export function explanationOf(error: unknown): string | null {
  if (error instanceof WrongArgument) return `${error.message} See npm run bot -- --help.`;
  if (error instanceof TokenRefused)
    return `The wall refused BOT_TOKEN: ${error.message}\nIt must be the one that the wall was started with.`;
  return null;
}

function randomSuffix(): string {
  return suffixFromBytes(randomBytes(SUFFIX_LENGTH)).slice(0, SUFFIX_LENGTH);
}

function forWhom(entities: readonly string[]): string {
  return entities.length > 0 ? `, what is for ${entities.join(", ")} or for nobody` : "";
}
