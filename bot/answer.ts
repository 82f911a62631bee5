/** Handles one message, from its claim to its mark. */
import type { Comment } from "#schema/comment";
import { suffixOf } from "#schema/id";
import type { Brain } from "./brains/brain";
import type { Clock } from "./clock";
import { isPassing, retryAfterMsOf } from "./failure";
import { HeldClaim } from "./held-claim";
import { type Log, quote, seconds } from "./log";
import { replyText } from "./reply-text";
import type { Wall } from "./wall";

/** Recent comments that a brain may read. */
const CONTEXT_SIZE = 30;

/** Pause between retries of steps that must be completed. */
const RETRY_MS = 1_000;

export interface AnswerParts {
  wall: Wall;
  brain: Brain;
  clock: Clock;
  log: Log;
  /** The bot's name on the wall, and the entity that messages are addressed to. */
  name: string;
  /** Identifies this process: the name and a random part. */
  instance: string;
  /** Time limit for the brain. */
  thinkMs: number;
  /** Aborts when the bot must end. */
  stopping: AbortSignal;
}

/** `taken`: claimed by another bot. `dropped`: for a reason unrelated to the message. */
export type Outcome = "answered" | "taken" | "dropped";

/**
 * Answers a message that no other bot is answering. In every case it is then marked processed or
 * released: at once, or, if the wall can't be reached, when the claim expires.
 * @throws errors of the brain, and the wall's final refusals
 */
export async function answer(parts: AnswerParts, id: string): Promise<Outcome> {
  const claim = await HeldClaim.take(parts, id);
  if (!claim) return "taken";
  try {
    const isDone = await answerClaimed(parts, claim);
    if (isDone) return "answered";
    await giveBack(parts, claim);
    return "dropped";
  } catch (error) {
    const isForeseen = parts.stopping.aborted || !claim.isHeld;
    await giveBack(parts, claim);
    if (!isForeseen) throw error;
    return "dropped";
  } finally {
    claim.end();
  }
}

/** Whether the message is answered and marked; false if its claim was lost or the bot must end. */
async function answerClaimed(parts: AnswerParts, claim: HeldClaim): Promise<boolean> {
  const { wall, clock, name, log } = parts;
  const { message } = claim;
  const began = clock.now();
  const nonce = nonceOf(message);
  const recent = await wall.recent(CONTEXT_SIZE);
  // A bot answered it and died before marking the message.
  if (recent.some((comment) => comment.type === "bot" && comment.nonce === nonce))
    log(`${message.id} is already answered`);
  else {
    log(`${message.id} claimed: ${message.username} says ${quote(message.text)}`);
    const text = await think(parts, claim, recent);
    const draft = { text, username: name, type: "bot", replyTo: message.id, nonce } as const;
    const reply = await whileHeld(parts, claim, () => wall.post(draft));
    if (!reply) return false;
    log(`${message.id} answered in ${seconds(clock.now() - began)}: ${quote(reply.text)}`);
  }
  const marked = await whileHeld(parts, claim, async () => {
    await wall.markProcessed(message.id);
    return true;
  });
  return marked === true;
}

/**
 * The same for every process of every bot, and for every copy of the message, since copies share
 * their suffix: whichever bot answers, and however often, the wall shows one answer.
 */
export function nonceOf({ id }: Comment): string {
  return `reply-${suffixOf(id)}`;
}

/** The brain's answer within the time limit, even if the brain ignores its signal. */
async function think(
  { brain, clock, name, thinkMs, stopping }: AnswerParts,
  claim: HeldClaim,
  recent: readonly Comment[],
): Promise<string> {
  const late = new AbortController();
  const done = new AbortController();
  const signal = AbortSignal.any([late.signal, claim.lost, stopping]);
  const unwanted = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  const thought = Promise.resolve().then(() => brain(claim.message, { name, recent, signal }));
  void clock.sleep(thinkMs, done.signal).then(() => {
    if (!done.signal.aborted)
      late.abort(new Error(`no answer from the brain within ${seconds(thinkMs)}`));
  });
  try {
    const text = replyText(await Promise.race([thought, unwanted]));
    if (!text) throw new Error("the brain returned no text");
    return text;
  } finally {
    done.abort();
  }
}

/**
 * Runs `work`, and retries temporary failures for as long as the claim is held. `null` if that was
 * not long enough. A bot that must end tries once.
 */
async function whileHeld<T>(
  { clock, stopping }: AnswerParts,
  claim: HeldClaim,
  work: () => Promise<T>,
): Promise<T | null> {
  while (claim.isHeld) {
    try {
      return await work();
    } catch (error) {
      if (!isPassing(error)) throw error;
      if (stopping.aborted) return null;
      const waitMs = Math.max(RETRY_MS, retryAfterMsOf(error));
      await clock.sleep(waitMs, AbortSignal.any([claim.lost, stopping]));
    }
  }
  return null;
}

/** A claim that can't be released expires by itself. */
async function giveBack({ log }: AnswerParts, claim: HeldClaim): Promise<void> {
  const { id } = claim.message;
  if (!claim.isHeld) return log(`${id} dropped: the claim was lost`);
  await claim.release().then(
    () => log(`${id} given back`),
    () => log(`${id} stays claimed until its claim expires`),
  );
}
