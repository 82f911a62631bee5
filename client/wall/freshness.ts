/** The wall's freshness as seen by a reader whose clock may differ from the server's. */
import { CACHE_LATE_MS, IDLE_AFTER_MS, PAGE_POLL_INTERVAL_MS } from "#schema/limits";

/** The tab with the live channel vouches for the others at each poll that it is spared. */
const VOUCHED_MS = 2 * PAGE_POLL_INTERVAL_MS;

/**
 * Age of the newest rebuild. The reader's clock only measures the time since an answer; the age at
 * that moment is the difference of two server times: the answer's (its `Date` header) and the
 * rebuild's. Without a `Date`, a rebuild counts as new when first seen.
 */
export class Freshness {
  #rebuiltAt = 0;
  #ageWhenHeardMs = 0;
  #heardAt: number;
  #vouchedAt = Number.NEGATIVE_INFINITY;
  #answeredAt = Number.NEGATIVE_INFINITY;
  /** The first answer after a time without any. */
  #watchingSince: number;

  constructor(now: number) {
    this.#heardAt = now;
    this.#watchingSince = now;
  }

  /** Records an answer received at `now` that the server stamped `answeredAt`. */
  note(rebuiltAt: number, answeredAt: number | null, now: number): void {
    if (now - this.#answeredAt >= IDLE_AFTER_MS) this.#watchingSince = now;
    this.#answeredAt = now;
    if (rebuiltAt <= this.#rebuiltAt) return;
    this.#rebuiltAt = rebuiltAt;
    this.#ageWhenHeardMs = answeredAt === null ? 0 : Math.max(0, answeredAt - rebuiltAt);
    this.#heardAt = now;
  }

  /** Records that the live channel vouches for the wall: it has not changed until `now`. */
  vouch(now: number): void {
    this.#vouchedAt = now;
    this.#ageWhenHeardMs = 0;
    this.#heardAt = now;
  }

  isVouched(now: number): boolean {
    return now >= this.#vouchedAt && now - this.#vouchedAt < VOUCHED_MS;
  }

  /**
   * Whether the page has only just begun to ask. The wall may have been idle: its last rebuild is old
   * then, and the page's own read starts the next one.
   */
  isArriving(now: number): boolean {
    return now - this.#watchingSince <= CACHE_LATE_MS;
  }

  /** In ms, never negative. Before the first answer: how long the page has been waiting for one. */
  ageMs(now: number): number {
    return this.#ageWhenHeardMs + Math.max(0, now - this.#heardAt);
  }
}

export interface Connection {
  ageMs: number;
  loaded: boolean;
  /** Whether the last poll failed. */
  failing: boolean;
  online: boolean;
  /** Whether the live channel vouches for the page. */
  live: boolean;
  /** Whether the page has only just begun to ask. */
  arriving: boolean;
}

export interface FreshnessWords {
  text: string;
  tone: "calm" | "waiting" | "alarming";
}

/** Text of the freshness line. A single failed poll is not shown as an alarm. */
export function describeFreshness({
  ageMs,
  loaded,
  failing,
  online,
  live,
  arriving,
}: Connection): FreshnessWords {
  const late = ageMs > CACHE_LATE_MS;
  const troubled = late ? "alarming" : "waiting";
  if (!online) return { text: "offline", tone: troubled };
  if (failing) return { text: "reconnecting…", tone: troubled };
  if (!loaded) return { text: "connecting…", tone: troubled };
  if (live) return { text: "live", tone: "calm" };
  if (late && arriving) return { text: "connecting…", tone: "waiting" };
  if (late) return { text: `last update ${formatAge(ageMs)} ago`, tone: "alarming" };
  return { text: ageMs < 1_000 ? "live · now" : `live · ${formatAge(ageMs)} ago`, tone: "calm" };
}

/** `3 s`, `4 min`, `2 h`. */
export function formatAge(ageMs: number): string {
  const seconds = Math.floor(ageMs / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`;
}
