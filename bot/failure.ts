/** Failures of a bot, and their description. */
import { ApiError } from "#client/api/request";

/** A mistake in the command line or the environment, for the user to correct. */
export class WrongArgument extends Error {
  override readonly name = "WrongArgument";
}

/** The wall refuses this token, so no call can succeed. */
export class TokenRefused extends Error {
  override readonly name = "TokenRefused";
}

/** Whether the same request may succeed later. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  return error.status < 400 || error.status === 408 || error.status === 429 || error.status >= 500;
}

/** The wall's Retry-After, in ms. */
export function retryAfterMsOf(error: unknown): number {
  return (error instanceof ApiError && error.retryAfterMs) || 0;
}

/** On one line, without a stack. */
export function failureWords(error: unknown): string {
  if (error instanceof ApiError && error.status > 0) {
    const details = error.problem?.errors?.map(({ pointer, detail }) => `${pointer} ${detail}`);
    const what = error.problem ? error.message : "unexpected answer";
    return [`${error.status}, ${what}`, ...(details ?? [])].join("; ");
  }
  return lineOf(error instanceof Error ? rootOf(error).message || error.message : String(error));
}

/** `fetch failed` says nothing; its cause does. */
function rootOf(error: Error): Error {
  return error.cause instanceof Error ? rootOf(error.cause) : error;
}

const LINE_MAX_CHARACTERS = 200;

function lineOf(text: string): string {
  return text.replace(/\s+/g, " ").slice(0, LINE_MAX_CHARACTERS);
}
