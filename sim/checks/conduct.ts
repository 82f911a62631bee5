/** Checks how the rebuilder works, not its answers: invariants 7, 8, 9, 11 and 12. */

import type { Sync } from "#schema/change";
import {
  CACHE_LATE_MS,
  CLOCK_AHEAD_MAX_MS,
  NONCE_LIFETIME_MS,
  REBUILD_INTERVAL_MS,
  WINDOW_SIZE,
} from "#schema/limits";
import type { LedgerKind } from "#worker/ledger/kind";
import { KV_TIMEOUT_MS } from "#worker/ledger/kv";
import type { IncarnationInfo } from "../platform/incarnation";
import type { Verdict } from "./violation";

/** Clocks measure the age of a cache, and may be off by this much. */
const CLOCK_ERROR_MS = 4_000;

/** The wait before a rejected publication is retried grows with each rejection, up to this. */
const REFUSED_WAIT_MAX_MS = 96_000;

/**
 * A key that was read must not be read again for an hour. In worlds with short days less: there a sweep, which lists
 * more than a rebuild, still meets keys of merged copies whose marks have expired.
 */
const REMEMBERED_MS = Math.min(60 * 60_000, NONCE_LIFETIME_MS / 6);

/** Copies that a world merges without ever showing them. */
const UNSEEN_COPIES_MAX = Math.ceil(WINDOW_SIZE / 4);

/**
 * A rebuild noted by a clock that was then set back seems younger than it is, by this at most: a time further ahead
 * is corrected, and the clock that was ahead would itself have found the cache late.
 */
const UNMEASURED_MS = CLOCK_AHEAD_MAX_MS + CACHE_LATE_MS;

/** The longest that a publication takes. */
const PUT_ENDS_MS = 8_000;

/** The beat is back this long after the last fault: an alarm may be a minute late, or the cron restarts the beat. */
const BEAT_BACK_MS = 150_000;

/** The cron has run again within this time, even if two runs in a row were missed. */
const ALARM_FOUND_MS = 190_000;

/**
 * One place may ask `QUESTIONS_MAX` times within `QUESTIONS_COUNTED_MS`. This is more than once a second, because the
 * platform's cache has no lock, and because an isolate asks once more for a reader whose cursor is older than the
 * changes that it holds. `questions.test.ts` measures the rate without faults.
 */
const QUESTIONS_COUNTED_MS = 10_000;
const QUESTIONS_MAX = 40;

/** As many as its isolates ask on their own, each a little more than once a second, while their cache fails. */
const UNSHARED_QUESTIONS_MAX = 90;

interface Conduct {
  publishedAt?: number;
  publishedSequence?: number;
  /**
   * How often it may still publish a sequence a second time: once for each start of a rebuilder, for each failed
   * publication, and for each pause or resumption of posting.
   */
  repeats: number;
  /** When each key was last read, and how many lists had come back short by then. */
  keysRead: Map<string, { at: number; shortLists: number }>;
  /** How many lists had come back short before its last rebuild. */
  shortListsBefore: number;
  /** When its last rebuild ended, failed or not. */
  rebuiltAt: number;
  hasRebuilt: boolean;
}

export class ConductChecker {
  readonly #verdict: Verdict;
  readonly #shortLists: () => number;
  readonly #wasShown: (key: string) => boolean;
  readonly #goneKeys: () => number;
  readonly #ledger: () => LedgerKind;
  readonly #incarnations = new Map<number, Conduct>();
  #listedAt = 0;
  /** Whether an admin has begun to move the wall: a move lists and reads keys, too. */
  #hasMoveBegun = false;
  #publishedAt = Number.NEGATIVE_INFINITY;
  /** When the object's clock was last set. It can't measure an interval that began before. */
  #clockSetAt = Number.NEGATIVE_INFINITY;
  /** When each place asked, within the last `QUESTIONS_COUNTED_MS`. */
  readonly #questions = new Map<string, number[]>();
  /** When the cache of each place last failed. */
  readonly #cacheFailedAt = new Map<string, number>();
  /**
   * Sequences that any incarnation began to publish, even if the put failed, or never left because the incarnation
   * died.
   */
  readonly #publishedSequences = new Set<number>();
  /** Whether the last publication was rejected. */
  #isLastRejected = false;
  /**
   * Whether the one before it was rejected: the alarm is then set for later until the last one is known to have
   * succeeded, and outlives its incarnation.
   */
  #isPreviousRejected = false;
  #faultsEndedAt = Number.POSITIVE_INFINITY;

  /**
   * `shortLists`: how many lists have come back short so far; `wasShown`: whether a key's comment was ever shown;
   * `goneKeys`: how many keys hold no comment, or no longer do.
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

  /**
   * A rebuilder that starts, and one whose wall was moved, does not know whether or when the last publication took
   * effect. It may publish the same sequence once more, at any time.
   */
  opened(incarnation: number): void {
    const conduct = this.#of(incarnation);
    conduct.repeats += 1;
    delete conduct.publishedAt;
  }

  clockSet(): void {
    this.#clockSetAt = this.#verdict.now;
    // Hours have passed by its clock, after which it may read a key without a message once more. A late put may have
    // taken effect unnoticed, so that it publishes once more.
    for (const conduct of this.#incarnations.values()) {
      conduct.keysRead.clear();
      conduct.repeats += 1;
    }
  }

  moved(): void {
    this.#hasMoveBegun = true;
  }

  /** An admin pauses or resumes posting. The snapshot says so: it is published though no message has changed. */
  pausing(): void {
    for (const conduct of this.#incarnations.values()) conduct.repeats += 1;
  }

  cacheFailed(place: string): void {
    this.#cacheFailedAt.set(place, this.#verdict.now);
  }

  /** An isolate at this place asks the object for changes. */
  asked(place: string): void {
    const { now } = this.#verdict;
    const before = this.#questions.get(place) ?? [];
    const recent = [...before.filter((at) => at > now - QUESTIONS_COUNTED_MS), now];
    this.#questions.set(place, recent);
    const words = () => `${place} asked ${recent.length} times in ${QUESTIONS_COUNTED_MS} ms`;
    const failedAt = this.#cacheFailedAt.get(place) ?? Number.NEGATIVE_INFINITY;
    // A look that never answers ends after a second or two.
    const isShared = failedAt < now - 2 * QUESTIONS_COUNTED_MS;
    const max = isShared ? QUESTIONS_MAX : UNSHARED_QUESTIONS_MAX;
    this.#verdict.expect(9, recent.length <= max, words);
  }

  list(): void {
    const { now } = this.#verdict;
    const mayList = this.#hasMoveBegun || this.#ledger() === "kv";
    this.#verdict.expect(8, mayList, () => "keys were listed though the ledger is sqlite");
    const gap = now - this.#listedAt;
    const wasCalm = !this.#hasMoveBegun && this.#listedAt > this.#faultsEndedAt + BEAT_BACK_MS;
    const isBeating = !wasCalm || gap <= CACHE_LATE_MS;
    this.#verdict.expect(11, isBeating, () => `${gap} ms between two rebuilds without any fault`);
    this.#listedAt = now;
  }

  /**
   * A read of several keys is a rebuild's (or a move's): it must not repeat keys that the rebuilder remembers. A read of
   * one may be a lookup's, which leaves nothing behind. A listed key whose value is not there yet is read again.
   */
  read(incarnation: number, keys: readonly string[], found: readonly string[]): void {
    if (keys.length === 1) return;
    const { now } = this.#verdict;
    const { keysRead } = this.#of(incarnation);
    const shortLists = this.#shortLists();
    // The rebuilder remembers a key without a message for an hour, and from then on for as long as it is listed.
    const isRemembered = (key: string) => {
      const read = keysRead.get(key);
      if (!read || read.shortLists < shortLists) return false;
      return now - read.at < REMEMBERED_MS;
    };
    const repeated =
      !this.#hasMoveBegun && keys.find((key) => isRemembered(key) && this.#wasShown(key));
    this.#verdict.expect(8, !repeated, () => `${repeated} was read again though it was shown`);
    for (const key of found) keysRead.set(key, { at: now, shortLists });
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
    const isRepeated = conduct.publishedSequence === sequence;
    if (isRepeated) conduct.repeats -= 1;
    this.#verdict.expect(
      8,
      conduct.repeats >= 0,
      () => `published ${sequence} twice: nothing had changed`,
    );
    conduct.publishedSequence = sequence;
    this.#isPreviousRejected = this.#isLastRejected;
    this.#isLastRejected = false;
    this.#publishedSequences.add(sequence);
  }

  /** A failed publication may be retried with the same sequence. */
  publishFailed(incarnation: number): void {
    const conduct = this.#of(incarnation);
    delete conduct.publishedSequence;
    conduct.repeats += 1;
    this.#isLastRejected = true;
  }

  /** A rebuild uses more than one list only if pages came back short, or were full of keys without comments. */
  rebuilt(incarnation: number, { list }: { list: number }): void {
    const conduct = this.#of(incarnation);
    const shortLists = this.#shortLists();
    const short = shortLists - conduct.shortListsBefore;
    conduct.shortListsBefore = shortLists;
    conduct.rebuiltAt = this.#verdict.now;
    conduct.hasRebuilt = true;
    // Pages that keys without comments can fill. Copies that were merged before any answer showed them are not counted.
    const filled = Math.floor((this.#goneKeys() + UNSEEN_COPIES_MAX) / WINDOW_SIZE);
    this.#verdict.expect(8, list <= 1 + short + filled, () => `a rebuild used ${list} lists`);
  }

  failed({ number, isArmed, isLiving, isRefused }: IncarnationInfo): void {
    const conduct = this.#of(number);
    // The keys that it read, perhaps in vain, are read again.
    for (const [key, { at }] of conduct.keysRead)
      if (at > conduct.rebuiltAt) conduct.keysRead.delete(key);
    conduct.rebuiltAt = this.#verdict.now;
    const isSafe = isArmed || !isLiving || isRefused;
    this.#verdict.expect(11, isSafe, () => "a rebuild failed and no alarm is set");
  }

  watched(isArmed: boolean): void {
    this.#verdict.expect(12, isArmed, () => "the cron ran and left no alarm set");
  }

  /**
   * Checks an answer as it leaves. If it comes from a late cache, a rebuild must have begun. On `sqlite`, an alarm
   * must be set while changes are unpublished.
   */
  synced({ rebuiltAt, sequence }: Sync, startOfTime: number, incarnation: IncarnationInfo): void {
    const { now } = this.#verdict;
    const { isArmed, isInAlarm, alarmAt } = incarnation;
    const isPublished = this.#publishedSequences.has(sequence);
    const mayBeLater = this.#isLastRejected || this.#isPreviousRejected;
    // The cron corrects an alarm that a wrong clock has set.
    const isClockRight = now - this.#clockSetAt > ALARM_FOUND_MS;
    if (this.#ledger() === "sqlite" && alarmAt !== null && isClockRight) {
      const wait = alarmAt - startOfTime - now;
      const latest = mayBeLater ? REFUSED_WAIT_MAX_MS : CACHE_LATE_MS;
      const isSoon = isPublished || wait <= latest + CLOCK_ERROR_MS;
      this.#verdict.expect(12, isSoon, () => `${sequence} will not be published for ${wait} ms`);
    }
    const isCalm = now > this.#faultsEndedAt + BEAT_BACK_MS;
    if (this.#ledger() === "sqlite" && isCalm) {
      // The alarm is set only after a publication that is under way has ended.
      const isUnderWay = isInAlarm || now - this.#publishedAt <= PUT_ENDS_MS;
      const isCovered = isArmed || isPublished || isUnderWay;
      this.#verdict.expect(
        11,
        isCovered,
        () => `${sequence} is not published, and no alarm is set`,
      );
    }
    // The age by the simulation's own clock, which is never wrong, not by the rebuilder's. The rebuilder counts from the
    // end of a list, of which the beginning is known here.
    const age = Math.max(
      now - (rebuiltAt - startOfTime),
      this.#ledger() === "kv" ? now - this.#listedAt - KV_TIMEOUT_MS : 0,
    );
    // Before its first rebuild an incarnation has the time that the journal holds, from before the clock was set.
    const { hasRebuilt } = this.#of(incarnation.number);
    const isMeasured = this.#clockSetAt < (hasRebuilt ? now - age : 0);
    const latestAge = CACHE_LATE_MS + CLOCK_ERROR_MS + (isMeasured ? 0 : UNMEASURED_MS);
    const hasListedLately = now - this.#listedAt <= latestAge;
    const isLate = age > latestAge;
    const words = () => `a cache ${age} ms old was answered and no rebuild was started`;
    // No rebuild can begin while the storage rejects writes.
    this.#verdict.expect(12, !isLate || hasListedLately || incarnation.isRefused, words);
  }

  #of(incarnation: number): Conduct {
    const conduct = this.#incarnations.get(incarnation) ?? {
      repeats: 0,
      shortListsBefore: 0,
      rebuiltAt: Number.NEGATIVE_INFINITY,
      hasRebuilt: false,
      keysRead: new Map<string, { at: number; shortLists: number }>(),
    };
    this.#incarnations.set(incarnation, conduct);
    return conduct;
  }
}
