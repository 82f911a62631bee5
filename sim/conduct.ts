/** Checks how the rebuilder works, apart from what it shows: invariants 7, 8, 11 and 12. */

import type { Sync } from "#schema/change";
import { CACHE_LATE_MS, NONCE_LIFETIME_MS, REBUILD_INTERVAL_MS, WINDOW_SIZE } from "#schema/limits";
import type { LedgerKind } from "#worker/ledger/kind";
import type { IncarnationInfo } from "./object";
import type { Verdict } from "./violation";

/** How far a clock may be off when the age of a cache is measured by it. */
const CLOCK_ERROR_MS = 4_000;

/** Rejected publications are retried at longer and longer intervals, up to this. */
const REFUSED_WAIT_MAX_MS = 96_000;

/** An hour, unless days are shortened. */
const REMEMBERED_MS = Math.min(60 * 60_000, NONCE_LIFETIME_MS / 3);

/** A publication has ended after this time. */
const PUT_ENDS_MS = 8_000;

/** Time after the last fault until the beat is back: an alarm may be a minute late, or the cron restarts the beat. */
const BEAT_BACK_MS = 150_000;

/** Time until the cron has run again, if it was missed twice. */
const ALARM_FOUND_MS = 190_000;

/** The time over which one place's questions are counted, and their maximum: the platform's cache has no lock. */
const QUESTIONS_COUNTED_MS = 10_000;
const QUESTIONS_MAX = 30;

interface Conduct {
  publishedAt?: number;
  publishedSequence?: number;
  /** How often it may publish the same sequence again: once after each start of a rebuilder, and once after each failure. */
  repeats: number;
  /** When each key was read last, and how many lists had come back short by then. */
  keysRead: Map<string, { at: number; shortLists: number }>;
}

export class ConductChecker {
  readonly #verdict: Verdict;
  readonly #shortLists: () => number;
  readonly #wasShown: (key: string) => boolean;
  readonly #goneKeys: () => number;
  readonly #ledger: () => LedgerKind;
  readonly #incarnations = new Map<number, Conduct>();
  #listedAt = 0;
  /** An admin has begun to move the wall, which lists and reads keys, too. */
  #isMoved = false;
  #publishedAt = Number.NEGATIVE_INFINITY;
  /** When the object's clock was last set: time that passed before is not measured by it. */
  #clockSetAt = Number.NEGATIVE_INFINITY;
  /** The times of each place's questions in the last seconds. */
  readonly #questions = new Map<string, number[]>();
  /** Most questions of one place within the counted time. */
  questionsMax = 0;
  /** Sequences that any incarnation published, even if the put failed or never left because the incarnation died. */
  readonly #publishedSequences = new Set<number>();
  /** The last publication was rejected. */
  #isRefused = false;
  /**
   * The one before it was rejected as well: until the last one is known to have succeeded, the alarm is set for
   * later, and outlives its incarnation.
   */
  #wasRefused = false;
  #faultsEndedAt = Number.POSITIVE_INFINITY;
  #shortListsBefore = 0;

  /**
   * `shortLists`: how many lists came back short so far; `wasShown`: whether a key's comment was shown; `goneKeys`:
   * how many keys no longer hold a comment.
   */
  constructor(
    verdict: Verdict,
    ledger: () => LedgerKind,
    shortLists: () => number,
    wasShown: (key: string) => boolean,
    goneKeys: () => number,
  ) {
    this.#verdict = verdict;
    this.#ledger = ledger;
    this.#shortLists = shortLists;
    this.#wasShown = wasShown;
    this.#goneKeys = goneKeys;
  }

  faultsEnded(): void {
    this.#faultsEndedAt = this.#verdict.now;
  }

  /** A start does not know whether and when the last publication took effect; nor does the writer after a move. */
  opened(incarnation: number): void {
    const conduct = this.#of(incarnation);
    conduct.repeats += 1;
    delete conduct.publishedAt;
  }

  clockSet(): void {
    this.#clockSetAt = this.#verdict.now;
  }

  moved(): void {
    this.#isMoved = true;
  }

  /** An admin pauses or resumes posting: the snapshot says so, and is published though no message changed. */
  pausing(): void {
    for (const conduct of this.#incarnations.values()) conduct.repeats += 1;
  }

  /** An isolate at this place asks the object for changes. */
  asked(place: string): void {
    const { now } = this.#verdict;
    const before = this.#questions.get(place) ?? [];
    const recent = [...before.filter((at) => at > now - QUESTIONS_COUNTED_MS), now];
    this.#questions.set(place, recent);
    this.questionsMax = Math.max(this.questionsMax, recent.length);
    const words = () => `${place} asked ${recent.length} times in ${QUESTIONS_COUNTED_MS} ms`;
    this.#verdict.expect(9, recent.length <= QUESTIONS_MAX, words);
  }

  list(): void {
    const { now } = this.#verdict;
    const mayList = this.#isMoved || this.#ledger() === "kv";
    this.#verdict.expect(8, mayList, () => "keys were listed though the ledger is sqlite");
    const gap = now - this.#listedAt;
    const calm = !this.#isMoved && this.#listedAt > this.#faultsEndedAt + BEAT_BACK_MS;
    const isBeating = !calm || gap <= CACHE_LATE_MS;
    this.#verdict.expect(11, isBeating, () => `${gap} ms between two rebuilds without any fault`);
    this.#listedAt = now;
  }

  /** Only rebuilds read several keys at once. */
  read(incarnation: number, keys: readonly string[]): void {
    const { now } = this.#verdict;
    const { keysRead } = this.#of(incarnation);
    const shortLists = this.#shortLists();
    // A key without a message is remembered for an hour, and after that for as long as it is listed.
    const isRemembered = (key: string) => {
      const read = keysRead.get(key);
      if (!read || read.shortLists < shortLists) return false;
      return now - read.at < REMEMBERED_MS;
    };
    const isNeeded = this.#isMoved || keys.length === 1;
    const known = !isNeeded && keys.find((key) => isRemembered(key) && this.#wasShown(key));
    this.#verdict.expect(8, !known, () => `${known} was read again though it was shown`);
    for (const key of keys) keysRead.set(key, { at: now, shortLists });
  }

  published(incarnation: number, document: string): void {
    const { now } = this.#verdict;
    const conduct = this.#of(incarnation);
    const since = now - (conduct.publishedAt ?? Number.NEGATIVE_INFINITY);
    const words = () => `published twice within ${since} ms`;
    const isMeasured = this.#clockSetAt < now - since;
    this.#verdict.expect(7, since >= REBUILD_INTERVAL_MS || !isMeasured, words);
    conduct.publishedAt = now;
    this.#publishedAt = now;
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

  /** A failed publication may be retried with the same sequence. */
  publishFailed(incarnation: number): void {
    const conduct = this.#of(incarnation);
    delete conduct.publishedSequence;
    conduct.repeats += 1;
    this.#isRefused = true;
  }

  /** More than one list only if pages came back short, or are full of keys of gone comments. */
  rebuilt({ list }: { list: number }): void {
    const short = this.#shortLists() - this.#shortListsBefore;
    this.#shortListsBefore += short;
    // Keys of gone comments take the places of comments on a page.
    const filled = Math.floor(this.#goneKeys() / WINDOW_SIZE);
    this.#verdict.expect(8, list <= 1 + short + filled, () => `a rebuild used ${list} lists`);
  }

  failed({ isArmed, isLiving, isRefused }: IncarnationInfo): void {
    const isSafe = isArmed || !isLiving || isRefused;
    this.#verdict.expect(11, isSafe, () => "a rebuild failed and no alarm is set");
  }

  watched(isArmed: boolean): void {
    this.#verdict.expect(12, isArmed, () => "the cron ran and left no alarm set");
  }

  /**
   * Checks an answer as it leaves. If it shows a late cache, a rebuild must have begun; on `sqlite`, an alarm must
   * be set for unpublished changes.
   */
  synced({ rebuiltAt, sequence }: Sync, startOfTime: number, incarnation: IncarnationInfo): void {
    const { now } = this.#verdict;
    const { isArmed, alarmAt } = incarnation;
    const isPublished = this.#publishedSequences.has(sequence);
    const mayBeLater = this.#isRefused || this.#wasRefused;
    // An alarm that a wrong clock has set is found by the cron.
    const isClockRight = now - this.#clockSetAt > ALARM_FOUND_MS;
    if (this.#ledger() === "sqlite" && alarmAt !== null && isClockRight) {
      const wait = alarmAt - startOfTime - now;
      const latest = mayBeLater ? REFUSED_WAIT_MAX_MS : CACHE_LATE_MS;
      const isSoon = isPublished || wait <= latest + CLOCK_ERROR_MS;
      this.#verdict.expect(12, isSoon, () => `${sequence} will not be published for ${wait} ms`);
    }
    const isCalm = now > this.#faultsEndedAt + BEAT_BACK_MS;
    if (this.#ledger() === "sqlite" && isCalm) {
      // During a publication the alarm is set only once that has ended.
      const isUnderWay = now - this.#publishedAt <= PUT_ENDS_MS;
      const isSeenTo = isArmed || isPublished || isUnderWay;
      this.#verdict.expect(11, isSeenTo, () => `${sequence} is not published, and no alarm is set`);
    }
    // By this world's clock, not by the rebuilder's.
    const age = Math.max(
      now - (rebuiltAt - startOfTime),
      this.#ledger() === "kv" ? now - this.#listedAt : 0,
    );
    const isHealing = now - this.#listedAt <= CACHE_LATE_MS + CLOCK_ERROR_MS;
    const isLate = age > CACHE_LATE_MS + CLOCK_ERROR_MS;
    const words = () => `a cache ${age} ms old was answered and no rebuild was started`;
    // While writes are rejected no rebuild can begin.
    this.#verdict.expect(12, !isLate || isHealing || incarnation.isRefused, words);
  }

  #of(incarnation: number): Conduct {
    const conduct = this.#incarnations.get(incarnation) ?? {
      repeats: 0,
      keysRead: new Map<string, { at: number; shortLists: number }>(),
    };
    this.#incarnations.set(incarnation, conduct);
    return conduct;
  }
}
