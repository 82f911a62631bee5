/** One message, from its claim to its mark. */
import type { Comment } from "#schema/comment";
import { suffixOf } from "#schema/id";
import type { Brain } from "./brain";
import type { Clock } from "./clock";
import { isPassing, retryAfterMsOf } from "./failure";
import { HeldClaim } from "./held-claim";
import { type Log, quote, seconds } from "./log";
import { replyText } from "./reply-text";
import type { Wall } from "./wall";

/** What a brain may look back on. */
const CONTEXT_SIZE = 30;

/** Between two tries of what must not be left half done. */
const RETRY_MS = 1_000;

export interface AnswerParts {
  wall: Wall;
  brain: Brain;
  clock: Clock;
  log: Log;
  name: string;
  /** Names this process: the name and something random. */
  instance: string;
  /** How long the brain may think. */
  thinkMs: number;
  /** Aborts when the bot is to end. */
  stopping: AbortSignal;
}

/** `taken`: by another bot. `dropped`: for a reason that is not the message's. */
export type Outcome = "answered" | "taken" | "dropped";

/**
 * Answers a message that nobody else is answering. Whatever happens, it is then marked processed, or
 * free again: at once, or where the wall can't be told so, when the claim runs out.
 * @throws what the brain threw, and what the wall refused for good
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

/** Whether the message is answered and marked: it is not when its claim was lost or the bot is to end. */
async function answerClaimed(parts: AnswerParts, claim: HeldClaim): Promise<boolean> {
  const { wall, clock, name, log } = parts;
  const { message } = claim;
  const began = clock.now();
  const nonce = nonceOf(message);
  const recent = await wall.recent(CONTEXT_SIZE);
  // A bot that died before it could mark the message has answered it.
  if (recent.some((comment) => comment.type === "bot" && comment.nonce === nonce))
    log(`${message.id} has its answer already`);
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
 * The same for every process of every bot, and for every copy of the message, which share their
 * suffix: whoever answers, and however often, the wall shows one answer.
 */
export function nonceOf({ id }: Comment): string {
  return `reply-${suffixOf(id)}`;
}

/** The brain's answer in bounded time, also from a brain that doesn't heed its signal. */
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
    if (!done.signal.aborted) late.abort(new Error(`no thought within ${seconds(thinkMs)}`));
  });
  try {
    const text = replyText(await Promise.race([thought, unwanted]));
    if (!text) throw new Error("the brain had nothing to say");
    return text;
  } finally {
    done.abort();
  }
}

/**
 * Does it, again and again through what passes, for as long as the claim is held. `null` when that
 * was not long enough. A bot that is to end does it once.
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

/** A claim that can't be given back runs out by itself. */
async function giveBack({ log }: AnswerParts, claim: HeldClaim): Promise<void> {
  const { id } = claim.message;
  if (!claim.isHeld) return log(`${id} dropped: the claim was lost`);
  await claim.release().then(
    () => log(`${id} given back`),
    () => log(`${id} is free again when its claim runs out`),
  );
}
