/** Assembles the bot. */
import { randomBytes } from "node:crypto";
import { suffixFromBytes } from "#schema/id";
import { HELP, readSettings } from "./args";
import { Bot } from "./bot";
import { BRAINS } from "./brains";
import type { Connect } from "./channel";
import { systemClock } from "./clock";
import { TokenRefused, WrongArgument } from "./failure";
import { openLog } from "./log";
import { Wall } from "./wall";

const SUFFIX_LENGTH = 8;

/** Supervisors usually kill a bot 10 s after SIGTERM. */
const STOP_DEADLINE_MS = 8_000;

interface RunningBot {
  /** Resolves once the bot has ended; rejects with the error that ended it. */
  ended: Promise<void>;
  /** Ends the bot, after finishing or releasing its message. */
  stop(): Promise<void>;
}

/** `null` for --help, which is then written. @throws {WrongArgument} */
export function start(
  argv: string[],
  env: NodeJS.ProcessEnv,
  write: (text: string) => void,
  connect: Connect,
): RunningBot | null {
  const settings = readSettings(argv, env);
  if (!settings) {
    write(`${HELP}\n`);
    return null;
  }
  const { url, token, name, addressedOnly, thinkMs } = settings;
  const brain = BRAINS[settings.brain](env);
  const instance = `${name}-${randomSuffix()}`;
  const log = openLog(instance, write);
  const stopping = new AbortController();
  const bot = new Bot({
    wall: new Wall({ url, token }),
    clock: systemClock,
    random: Math.random,
    log,
    live: { url, token, connect },
    brain,
    name,
    instance,
    addressedOnly,
    thinkMs,
    stopping: stopping.signal,
  });
  log(
    `answers at ${url} with the ${settings.brain} brain${addressedOnly ? `, only messages for ${name}` : ""}`,
  );
  const ended = bot.run().then(() => log("ended"));
  return {
    ended,
    async stop() {
      stopping.abort(new Error("the bot is ending"));
      const late = systemClock
        .sleep(STOP_DEADLINE_MS)
        .then(() => log("ended before it was finished"));
      await Promise.race([ended.catch(() => {}), late]);
    },
  };
}

/** The exit code for an error. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof WrongArgument) return 2;
  if (error instanceof TokenRefused) return 3;
  return 1;
}

/** The message for a person; `null` for a fault of the bot itself, whose stack says more. */
export function explanationOf(error: unknown): string | null {
  if (error instanceof WrongArgument) return `${error.message} See npm run bot -- --help.`;
  if (error instanceof TokenRefused)
    return `The wall refused BOT_TOKEN: ${error.message}\nSet it to the token that the wall was started with.`;
  return null;
}

function randomSuffix(): string {
  return suffixFromBytes(randomBytes(SUFFIX_LENGTH)).slice(0, SUFFIX_LENGTH);
}
