/** The checks that every post passes, whichever way it comes. */
import { validate } from "#schema/check/validate";
import { type Comment, DraftSchema } from "#schema/comment";
import { makeId } from "#schema/id";
import { type Outcome, success } from "#schema/problem";
import type { Posted } from "#schema/rpc";
import type { Clock } from "../platform/clock";
import { denial, makeComment } from "./draft";
import type { Posting } from "./posting";
import type { RateLimits } from "./rate-limit";
import { postingPaused, rateLimited } from "./refusals";
import type { SuffixSource } from "./suffix";
import type { Role } from "./tokens";

export interface Reception {
  clock: Clock;
  suffixes: SuffixSource;
  limits: Pick<RateLimits, "post">;
  isPaused: () => Promise<boolean>;
  /** The first copy of a person's message, if it is stored already. */
  known: (comment: Comment) => Promise<Comment | undefined>;
  posting: () => Posting;
}

export interface Poster {
  role: Role | "anyone";
  /** The sender's network (`networkOf`); counted and noted for moderation unless a token was sent. */
  network: string;
}

/**
 * Validates a post, makes the comment and stores it. A repeat of a stored message counts towards no limit.
 *
 * @param body parsed JSON, not yet validated
 */
export async function receive(
  { clock, suffixes, limits, isPaused, known, posting }: Reception,
  { role, network }: Poster,
  body: unknown,
): Promise<Outcome<Posted>> {
  const draft = validate(DraftSchema, body);
  if (!draft.ok) return draft;
  const denied = denial(draft.value, role);
  if (denied) return denied;
  const { type = "human", nonce } = draft.value;
  const suffix = nonce === undefined ? suffixes.random() : suffixes.ofNonce(type, nonce);
  const comment = makeComment(draft.value, makeId(clock.now(), suffix));
  const first = type === "human" ? await known(comment) : undefined;
  if (first) return success({ comment: first, created: false });
  if (await isPaused()) return postingPaused();
  if (role !== "anyone") return posting().post(comment);
  if (!(await limits.post(network)))
    return rateLimited("Too many messages from your address. Send it again in a minute.");
  return posting().post(comment, network);
}
