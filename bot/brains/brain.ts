/** A brain: a message in, an answer out. */
import type { Comment } from "#schema/comment";

export interface BrainContext {
  /** The bot's name on the wall. */
  name: string;
  /** The newest comments, oldest first; the message itself is among them as a rule. */
  recent: readonly Comment[];
  /** Aborts when the answer is no longer wanted: it took too long, the claim is lost, the bot ends. */
  signal: AbortSignal;
}

/**
 * The text of an answer. A brain that throws, or answers nothing, gives the message back: it is
 * asked again later, by this bot or another.
 */
export type Brain = (message: Comment, context: BrainContext) => Promise<string>;

/**
 * Makes a brain from the environment and the persona's prompt, if it has one. @throws {WrongArgument} naming a variable
 * that is missing or wrong
 */
export type BrainFactory = (env: NodeJS.ProcessEnv, prompt?: string) => Brain;
