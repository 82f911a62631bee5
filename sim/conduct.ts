/** How the rebuilder goes about its work, whatever it shows: invariants 7, 8, 11 and 12. */

import type { Sync } from "#schema/change";
import { CACHE_LATE_MS, REBUILD_INTERVAL_MS } from "#schema/limits";
import type { LedgerKind } from "#worker/ledger/kind";
import type { IncarnationInfo } from "./object";
import type { Verdict } from "./violation";

/** By this much a clock may be off when the age of a cache is told by it. */
const CLOCK_ERROR_MS = 4_000;

/** After the last fault, by when the beat is back: an alarm a minute late, or the cron. */
const BEAT_BACK_MS = 150_000;

interface Conduct {
  publishedAt?: number;
  publishedSequence?: number;
  /** How often it may publish the same again: once after its start, and after each failure. */
  repeats: number;
  keysRead: Set<string>;
}

export class ConductChecker {
  readonly #verdict: Verdict;
  readonly #shortLists: () => number;
  readonly #wasShown: (key: string) => boolean;
  readonly #ledger: LedgerKind;
  readonly #incarnations = new Map<number, Conduct>();
  #listedAt = 0;
  /** By whichever incarnation, be it that the put failed, or that it died before its put could leave. */
  readonly #publishedSequences = new Set<number>();
  /** The last publication was refused. */
  #isRefused = false;
  /** So was the one before the last: until that is known to be taken, the alarm is set for later, and outlives its incarnation. */
  #wasRefused = false;
  #faultsEndedAt = Number.POSITIVE_INFINITY;
  #shortListsBefore = 0;

  /** `shortLists`: how many lists came back short so far; `wasShown`: whether a key's comment was shown. */
  constructor(
    verdict: Verdict,
    ledger: LedgerKind,
    shortLists: () => number,
    wasShown: (key: string) => boolean,
  ) {
    this.#verdict = verdict;
    this.#ledger = ledger;
    this.#shortLists = shortLists;
    this.#wasShown = wasShown;
  }

  faultsEnded(): void {
    this.#faultsEndedAt = this.#verdict.now;
  }

  list(): void {
    const { now } = this.#verdict;
    this.#verdict.expect(8, this.#ledger === "kv", () => "a list though there is nothing to list");
    const gap = now - this.#listedAt;
    const calm = this.#listedAt > this.#faultsEndedAt + BEAT_BACK_MS;
    const isBeating = !calm || gap <= CACHE_LATE_MS;
    this.#verdict.expect(11, isBeating, () => `${gap} ms between two rebuilds without any fault`);
    this.#listedAt = now;
  }

  /** Several keys at once are read by rebuilds only. */
  read(incarnation: number, keys: readonly string[]): void {
    const { keysRead } = this.#of(incarnation);
    const known = keys.length > 1 && keys.find((key) => keysRead.has(key) && this.#wasShown(key));
    this.#verdict.expect(8, !known, () => `${known} was read again though it was shown`);
    for (const key of keys) keysRead.add(key);
  }

  published(incarnation: number, document: string): void {
    const { now } = this.#verdict;
    const conduct = this.#of(incarnation);
    const since = now - (conduct.publishedAt ?? Number.NEGATIVE_INFINITY);
    const words = () => `published twice within ${since} ms`;
    this.#verdict.expect(7, since >= REBUILD_INTERVAL_MS, words);
    conduct.publishedAt = now;
    const sequence = Number(/"sequence":(\d+)/.exec(document)?.[1]);
    const isNews = conduct.publishedSequence !== sequence;
    if (!isNews) conduct.repeats -= 1;
    this.#verdict.expect(
      8,
      conduct.repeats >= 0,
      () => `published ${sequence} twice: nothing had changed`,
    );
    conduct.publishedSequence = sequence;
    this.#wasRefused = this.#isRefused;
    this.#isRefused = false;
    this.#publishedSequences.add(sequence);
  }

  /** A publication that failed may be tried again with the same sequence. */
  publishFailed(incarnation: number): void {
    const conduct = this.#of(incarnation);
    delete conduct.publishedSequence;
    conduct.repeats += 1;
    this.#isRefused = true;
  }

  /** More than one list only where pages came back short. */
  rebuilt({ list }: { list: number }): void {
    const short = this.#shortLists() - this.#shortListsBefore;
    this.#shortListsBefore += short;
    this.#verdict.expect(8, list <= 1 + short, () => `a rebuild used ${list} lists`);
  }

  failed({ isArmed, isLiving }: IncarnationInfo): void {
    const isSafe = isArmed || !isLiving;
    this.#verdict.expect(11, isSafe, () => "a rebuild failed and no alarm is set");
  }

  watched(isArmed: boolean): void {
    this.#verdict.expect(12, isArmed, () => "the cron ran and left no alarm set");
  }

  /**
   * An answer as it leaves: whoever is told of a late cache has set off a rebuild; where there is
   * nothing to list, an alarm is set for what is not published yet.
   */
  synced({ rebuiltAt, sequence }: Sync, startOfTime: number, incarnation: IncarnationInfo): void {
    const { now } = this.#verdict;
    const { isArmed, alarmAt } = incarnation;
    const isPublished = this.#publishedSequences.has(sequence);
    if (this.#ledger === "sqlite" && alarmAt !== null && !this.#isRefused && !this.#wasRefused) {
      const wait = alarmAt - startOfTime - now;
      const isSoon = isPublished || wait <= CACHE_LATE_MS + CLOCK_ERROR_MS;
      this.#verdict.expect(12, isSoon, () => `${sequence} is to be published in ${wait} ms only`);
    }
    const isCalm = now > this.#faultsEndedAt + BEAT_BACK_MS;
    if (this.#ledger === "sqlite" && isCalm) {
      const isSeenTo = isArmed || isPublished;
      this.#verdict.expect(11, isSeenTo, () => `${sequence} is not published, and no alarm is set`);
    }
    const age = now - (rebuiltAt - startOfTime);
    const isHealing = now - this.#listedAt <= CACHE_LATE_MS + CLOCK_ERROR_MS;
    const isLate = age > CACHE_LATE_MS + CLOCK_ERROR_MS;
    const words = () => `a cache ${age} ms old was answered and no rebuild begun`;
    this.#verdict.expect(12, !isLate || isHealing, words);
  }

  #of(incarnation: number): Conduct {
    const conduct = this.#incarnations.get(incarnation) ?? {
      repeats: 1,
      keysRead: new Set<string>(),
    };
    this.#incarnations.set(incarnation, conduct);
    return conduct;
  }
}
