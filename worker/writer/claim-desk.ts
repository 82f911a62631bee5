/** Claims and releases comments for bots: one bot at a time per comment. */

import type { Comment } from "#schema/comment";
import type { Claimed, Released } from "../contract/answers";
import type { Journal } from "../journal/journal";
import type { Clock } from "../platform/clock";
import { type Claim, toComment } from "../record";
import type { Claims } from "./claims";
import type { Lookup } from "./lookup";

interface ClaimDeskParts {
  clock: Clock;
  journal: Journal;
  claims: Claims;
  lookup: Lookup;
}

export class ClaimDesk {
  readonly #parts: ClaimDeskParts;

  constructor(parts: ClaimDeskParts) {
    this.#parts = parts;
  }

  /** Claims the comment for one bot for `seconds`, unless another bot has it or it is processed. */
  async claim(id: string, bot: string, seconds: number, name?: string): Promise<Claimed> {
    const { clock, journal, claims, lookup } = this.#parts;
    const comment = await lookup.find(id);
    if (!comment) return lookup.notFound(id);
    if (comment.botParams.processed) return { state: "processed" };
    const now = clock.now();
    const live = claims.live(comment.id, now);
    if (live && live.bot !== bot) return { state: "taken" };
    const until = Math.max(live?.until ?? 0, now + seconds * 1_000);
    const claim = { id: comment.id, bot, until, name };
    journal.claim(claim);
    claims.put(claim);
    return { state: "found", comment: withClaim(toComment(comment), claim) };
  }

  /** Ends a bot's claim on a comment. */
  async release(id: string, bot: string): Promise<Released> {
    const { clock, journal, claims, lookup } = this.#parts;
    const comment = await lookup.find(id);
    if (!comment) return lookup.notFound(id);
    const live = claims.live(comment.id, clock.now());
    if (live && live.bot !== bot) return { state: "taken" };
    if (live) {
      journal.endClaim(comment.id);
      claims.end(comment.id);
    }
    return { state: "found", comment: toComment(comment) };
  }
}

export function withClaim(comment: Comment, claim: Claim | undefined): Comment {
  if (!claim) return comment;
  const { bot: claimedBy, until: claimedUntil } = claim;
  return { ...comment, botParams: { ...comment.botParams, claimedBy, claimedUntil } };
}
