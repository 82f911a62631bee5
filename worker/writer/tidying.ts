/** The work after each rebuild or change: writes keys, and drops what has expired. */
import { CLOCK_SKEW_MS, NONCE_LIFETIME_MS } from "#schema/limits";
import type { Journal } from "../journal/journal";
import type { Clock } from "../platform/clock";
import type { Log } from "../platform/log";
import type { Claims } from "./claims";
import type { KeyWriter } from "./keys/key-writer";
import type { WriterState } from "./state/state";

/** Interval between two sweeps of expired entries. */
const FORGET_INTERVAL_MS = 60_000;

/**
 * A mark leaves memory only this many sweeps after it has expired: when the clock jumps hours ahead, keys of marks that
 * expire with it may have been written a moment ago, and KV still answers with older values.
 */
const SWEEPS_LATER = 5;

interface TidyingParts {
  clock: Clock;
  journal: Journal;
  state: WriterState;
  claims: Claims;
  keys: KeyWriter | null;
  log: Log;
}

/** Returns the function that tidies; it never throws. */
export function tidying({ clock, journal, state, claims, keys, log }: TidyingParts): () => void {
  let forgotAt = 0;
  /** The times of the last sweeps, oldest first, beginning with the start. */
  const sweptAt = [clock.now()];
  return () => {
    void keys?.write();
    const now = clock.now();
    // In both directions: the clock may have been set back since.
    if (Math.abs(now - forgotAt) < FORGET_INTERVAL_MS) return;
    forgotAt = now;
    sweptAt.push(now);
    if (sweptAt.length > SWEEPS_LATER) sweptAt.shift();
    state.forget(now, Math.min(...sweptAt));
    // The next incarnation's clock may be behind this one: keep claims that ended just now.
    const outdated = now - CLOCK_SKEW_MS;
    claims.forget(outdated);
    try {
      journal.forgetClaims(outdated);
      journal.forgetArchives(outdated - NONCE_LIFETIME_MS);
    } catch (error) {
      log("journal not tidied", { error });
    }
    keys?.forget(now);
  };
}
