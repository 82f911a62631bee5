/** Assembles the bots of a process: one, or one for each persona. */
import { randomBytes } from "node:crypto";
import { suffixFromBytes } from "#schema/id";
import { HELP, readSettings } from "./args";
import { Bot } from "./bot";
import { BRAINS } from "./brains/table";
import type { Connect } from "./channel";
import { systemClock } from "./clock";
import { TokenRefused, WrongArgument } from "./failure";
import { type Log, openLog } from "./log";
import { Wall } from "./wall";

const SUFFIX_LENGTH = 8;

/** Supervisors usually kill a bot 10 s after SIGTERM. */
const STOP_DEADLINE_MS = 8_000;

interface RunningBots {
  /** Resolves once all bots have ended; rejects with the error that ended them. */
  ended: Promise<void>;
  /** Ends the bots, after each has finished or released its message. */
  stop(): Promise<void>;
}

/** `null` for --help, which is then written. @throws {WrongArgument} */
export function start(
  argv: string[],
  env: NodeJS.ProcessEnv,
  write: (text: string) => void,
  connect: Connect,
): RunningBots | null {
  const settings = readSettings(argv, env);
  if (!settings) {
    write(`${HELP}\n`);
    return null;
  }
  const { url, token, thinkMs } = settings;
  const stopping = new AbortController();
  const bots = settings.personas.map(({ name, brain, prompt = env.BOT_PROMPT, addressedOnly }) => {
    const instance = `${name}-${randomSuffix()}`;
    const log = openLog(instance, write);
    const bot = new Bot({
      wall: new Wall({ url, token }),
      clock: systemClock,
      random: Math.random,
      log,
      live: { url, token, connect },
      brain: BRAINS[brain](env, prompt),
      name,
      instance,
      addressedOnly,
      thinkMs,
      stopping: stopping.signal,
    });
    const whose = addressedOnly ? `messages for ${name}` : `messages for ${name} or for nobody`;
    return { bot, log, intent: `answers ${whose} at ${url} with the ${brain} brain` };
  });
  const stop = () => stopping.abort(new Error("the bot is ending"));
  const running = new Set<Log>();
  const runs = bots.map(async ({ bot, log, intent }) => {
    log(intent);
    running.add(log);
    try {
      await bot.run();
      log("ended");
    } finally {
      running.delete(log);
      // One that fails ends the others: what it met, such as a wrong token, concerns them all.
      stop();
    }
  });
  // Resolves or rejects only once all have ended.
  const ended = Promise.allSettled(runs)
    .then(() => Promise.all(runs))
    .then(() => {});
  return {
    ended,
    async stop() {
      stop();
      const late = systemClock.sleep(STOP_DEADLINE_MS).then(() => {
        for (const log of running) log("ended before it was finished");
      });
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
