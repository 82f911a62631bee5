/** The status page's headline and explanation. */
import { CACHE_LATE_MS, SAMPLE_MS } from "#schema/limits";
import { conditionOf, type Sample } from "#schema/status";
import type { Glance } from "./glance";

export interface Verdict {
  tone: "calm" | "waiting" | "alarming";
  headline: string;
  /** In ms since the epoch; `null` if unknown. */
  since: number | null;
  /** The state may have begun before `since`. */
  isAtLeast?: boolean;
  detail: string;
}

export function verdictOf({ status, history, silentSince, clockAheadMs }: Glance): Verdict {
  if (silentSince !== null)
    return {
      tone: "alarming",
      headline: "Unreachable",
      since: silentSince + clockAheadMs,
      detail: "Not responding. Retrying…",
    };
  if (status === null)
    return {
      tone: "waiting",
      headline: "Loading…",
      since: null,
      detail: "Checking the wall's status.",
    };
  const { rebuiltAt } = status;
  switch (conditionOf(status)) {
    case "unknown":
      return {
        tone: "alarming",
        headline: "Rebuilder unavailable",
        since: rebuiltAt || null,
        detail:
          "Readers see the last published copy. New messages are stored and will appear once the rebuilder is back.",
      };
    case "late":
      return {
        tone: "alarming",
        headline: "Late",
        since: rebuiltAt + CACHE_LATE_MS,
        detail:
          "Rebuilds are failing. Existing messages stay visible; new ones appear after the next successful rebuild.",
      };
    default:
      return {
        tone: "calm",
        headline: "Fresh",
        ...freshSince(history),
        detail: "New messages appear within seconds, everywhere.",
      };
  }
}

/** End of the last minute in which the cache was late; otherwise the start of the known history. */
function freshSince(history: readonly Sample[]): Pick<Verdict, "since" | "isAtLeast"> {
  const late = history.findLast(({ ageMaxMs }) => (ageMaxMs ?? 0) > CACHE_LATE_MS);
  if (late) return { since: late.at + SAMPLE_MS };
  return { since: history[0]?.at ?? null, isAtLeast: true };
}
