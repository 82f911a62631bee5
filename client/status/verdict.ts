/** Whether the wall is well, in words: what the status page says first. */
import { CACHE_LATE_MS, SAMPLE_MS } from "#schema/limits";
import { conditionOf, type Sample } from "#schema/status";
import type { Glance } from "../chat/glance";

export interface Verdict {
  tone: "calm" | "waiting" | "alarming";
  headline: string;
  /** Since when, in ms; `null` where nobody can tell. */
  since: number | null;
  /** It may have been so for longer. */
  isAtLeast?: boolean;
  detail: string;
}

export function verdictOf({ status, history, silentSince, clockAheadMs }: Glance): Verdict {
  if (silentSince !== null)
    return {
      tone: "alarming",
      headline: "Out of reach",
      since: silentSince + clockAheadMs,
      detail: "The wall doesn't answer this page, which goes on asking.",
    };
  if (status === null)
    return {
      tone: "waiting",
      headline: "Asking…",
      since: null,
      detail: "The wall is being asked.",
    };
  const { rebuiltAt } = status;
  switch (conditionOf(status)) {
    case "unknown":
      return {
        tone: "alarming",
        headline: "Rebuilder away",
        since: rebuiltAt || null,
        detail: "Readers see the last copy. What people post is stored, and shows once it is back.",
      };
    case "late":
      return {
        tone: "alarming",
        headline: "Late",
        since: rebuiltAt + CACHE_LATE_MS,
        detail: "No rebuild succeeds at the moment. What was shown stays; what is new has to wait.",
      };
    default:
      return {
        tone: "calm",
        headline: "Fresh",
        ...freshSince(history),
        detail: "What people post shows within seconds, everywhere.",
      };
  }
}

/** The end of the last minute in which the cache was late; else the first minute that is known. */
function freshSince(history: readonly Sample[]): Pick<Verdict, "since" | "isAtLeast"> {
  const late = history.findLast(({ ageMaxMs }) => (ageMaxMs ?? 0) > CACHE_LATE_MS);
  if (late) return { since: late.at + SAMPLE_MS };
  return { since: history[0]?.at ?? null, isAtLeast: true };
}
