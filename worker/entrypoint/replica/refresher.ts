/**
 * Keeps an isolate's replica of the wall fresh: from the data centre's cache, the rebuilder or, as a last resort, the
 * spare.
 *
 * Decision 16 gives the maximum age of a served read, and the reasons.
 */
import type { Cursor } from "#schema/cursor";
import type { ReadQuery } from "#schema/read";
import { parseSpare } from "#schema/view/spare";
import type { Asker } from "../../contract/asker";
import type { Spare } from "../../ledger/ledger";
import type { Clock } from "../../platform/clock";
import { inTime } from "../../platform/deadline";
import type { Log } from "../../platform/log";
import type { Refresh, Replica } from "./replica";
import { type Recent, type SharedCache, SharedWall } from "./shared-wall";

/** A read contains everything that the rebuilder knew this long before the read arrived. */
const READ_AGE_MAX_MS = 1_000;

/** A rebuilder that takes longer is slow: isolates that hold a window don't wait for it. */
const QUICK_MS = 500;

/** The maximum age of a served read while the rebuilder is slow. */
const SLOW_READ_AGE_MAX_MS = 3_000;

/**
 * Each isolate syncs again when its data is between these ages, at a random time, late for most. So the first of many
 * isolates is usually early enough for the others to see in the cache that a sync is running.
 */
const REFRESH_AGE_MIN_MS = 750;
const REFRESH_SPREAD_MS = READ_AGE_MAX_MS - REFRESH_AGE_MIN_MS;
const REFRESH_SPREAD_BASE = 100;

/** A sync without an answer after this time was lost with its isolate, and another one may start. */
const ASKING_MAX_MS = 2_000;

/** How often an isolate checks the cache for another isolate's answer; less often while the rebuilder is slow. */
const LOOK_INTERVAL_MS = 50;
const SLOW_LOOK_INTERVAL_MS = 200;

/** How often a request checks whether another request has brought the replica up to date. */
const WAIT_INTERVAL_MS = 25;

/** A request that waits for another isolate's answer checks the cache again within this time, or counts as lost. */
const LOOKING_MAX_MS = 500;

/** Extra changes to request before an old cursor, since further readers are likely to have similar cursors. */
const REACH_BACK = 500;

/** The time between attempts to reach an unavailable rebuilder. */
const AWAY_MS = 1_000;

/** The maximum age of an isolate's knowledge whether posting is paused. */
const PAUSE_KNOWN_MS = 10_000;

/** The longest a post waits to learn of a pause: an unavailable rebuilder must not delay it. */
const PAUSE_WAIT_MS = 500;

interface RefresherParts {
  wall: string;
  clock: Clock;
  spare: Spare;
  asker: Asker;
  replica: Replica;
  shared: SharedCache;
  /** Keeps work running after the answer, and after the client has left. */
  background: (work: Promise<unknown>) => void;
  log: Log;
  /** From 0 up to, not including, 1; `Math.random` when absent. */
  random?: () => number;
}

export class Refresher {
  readonly #parts: RefresherParts;
  readonly #shared: SharedWall;

  constructor(parts: RefresherParts) {
    this.#parts = parts;
    this.#shared = new SharedWall(parts);
  }

  /** Whether posting is paused, as far as this isolate can learn within `PAUSE_WAIT_MS`. */
  async isPaused(): Promise<boolean> {
    const { clock, replica } = this.#parts;
    if (clock.now() - replica.askedAt > PAUSE_KNOWN_MS)
      await inTime(clock, PAUSE_WAIT_MS, "the wall", this.refresh({ limit: 1 })).catch(() => {});
    return replica.isPaused;
  }

  /** Makes the replica fresh enough for a read that arrives now or, without the rebuilder, as fresh as the spare. */
  async refresh(query: ReadQuery): Promise<void> {
    const { clock, replica } = this.#parts;
    const cameAt = clock.now();
    replica.correct(cameAt, { dueMaxMs: READ_AGE_MAX_MS, awayMaxMs: AWAY_MS });
    let own: Promise<void> | undefined;
    let isOver = false;
    for (;;) {
      const now = clock.now();
      if (now < replica.awayUntil) {
        // The request that found the rebuilder unavailable waits for the spare, as does an isolate that holds nothing.
        if (own) await own;
        else if (replica.isUnread) await this.#readSpare();
        return;
      }
      const refresh = replica.refreshAt(now);
      if (!replica.lacks(query) && this.#isServable(cameAt, now)) {
        if (now >= replica.dueAt && !refresh) void this.#start(query);
        return;
      }
      if (isOver) return;
      if (!refresh) {
        own = this.#start(query).then(() => {
          isOver = true;
        });
      }
      const waited = clock.sleep(WAIT_INTERVAL_MS);
      await (own ? Promise.race([own, waited]) : waited);
    }
  }

  /** Syncs now and shares the answer, so that removed text leaves the cache. */
  async renew(): Promise<void> {
    try {
      await this.#ask(this.#parts.replica.view?.cursor, (await this.#shared.look()).recent);
    } catch (error) {
      this.#parts.log("rebuilder away", { error });
    }
  }

  /** Whether the replica is fresh enough for a read that arrived at `cameAt`. */
  #isServable(cameAt: number, now: number): boolean {
    const { replica } = this.#parts;
    if (cameAt - replica.askedAt <= READ_AGE_MAX_MS) return true;
    if (now - replica.askedAt > SLOW_READ_AGE_MAX_MS || replica.isSpare) return false;
    const refresh = replica.refreshAt(now);
    const isOwnSlow = refresh?.askedAt !== undefined && now - refresh.askedAt >= QUICK_MS;
    return replica.tookMs > QUICK_MS || isOwnSlow || refresh?.isOthersSlow === true;
  }

  /** Starts this isolate's refresh, which continues after the request's answer. Never throws. */
  #start(query: ReadQuery): Promise<void> {
    const { background, clock, log, replica } = this.#parts;
    const refresh: Refresh = { beganAt: clock.now(), until: clock.now() + LOOKING_MAX_MS };
    replica.refreshing = refresh;
    const work = this.#bringUpToDate(query, refresh)
      .catch((error) => {
        log("rebuilder away", { error });
        return this.#fallBack();
      })
      .finally(() => {
        if (replica.refreshing === refresh) replica.refreshing = null;
      });
    background(work);
    return work;
  }

  async #bringUpToDate(query: ReadQuery, refresh: Refresh): Promise<void> {
    const { clock, replica } = this.#parts;
    const heldAt = replica.askedAt;
    let recent: Recent | null = null;
    for (;;) {
      const seen = await this.#shared.look();
      recent = seen.recent;
      if (recent && recent.askedAt > replica.askedAt) await this.#take(recent);
      const { asking } = seen;
      // A sync that started before the newest answer arrived has been answered, or is lost.
      const answeredAt = recent ? recent.askedAt + recent.tookMs : 0;
      const isOpen = asking !== null && asking.at > answeredAt;
      // True only as of this look: if this request ends here, the answer goes unnoticed.
      refresh.isOthersSlow = isOpen && !asking.failed && clock.now() - asking.at >= QUICK_MS;
      // The cursor is older than the shared changes, and no other isolate is asking for these.
      if (replica.lacks(query)) break;
      const now = clock.now();
      if (replica.askedAt > heldAt && this.#isServable(refresh.beganAt, now)) return;
      if (!isOpen) break;
      if (asking.failed && now - asking.at < AWAY_MS)
        throw new Error("another isolate has just found the rebuilder away");
      const isWaiting = now - asking.at < ASKING_MAX_MS && now - refresh.beganAt < ASKING_MAX_MS;
      if (asking.failed || !isWaiting) break;
      refresh.until = now + LOOKING_MAX_MS;
      const isSlow = now - asking.at >= QUICK_MS;
      await clock.sleep(isSlow ? SLOW_LOOK_INTERVAL_MS : LOOK_INTERVAL_MS);
    }
    const askedAt = clock.now();
    refresh.isOthersSlow = false;
    refresh.askedAt = askedAt;
    refresh.until = askedAt + ASKING_MAX_MS;
    // Without a recent answer this isolate does not know how far the rebuilder's log reaches back.
    if (!replica.lacks(query) || !this.#isServable(refresh.beganAt, askedAt))
      await this.#ask(replica.view?.cursor, recent);
    // The query's cursor is too old: request its changes once, and keep them.
    if (replica.lacks(query)) await this.#ask(replica.reachBack(query, REACH_BACK), recent);
  }

  /** Applies another isolate's answer, if it continues from this replica or from the shared window. */
  async #take(recent: Recent): Promise<void> {
    const { clock, replica } = this.#parts;
    const { store, since } = recent;
    const isBehind = () => replica.view?.store !== store || replica.view.sequence < since;
    if (isBehind()) {
      const window = await this.#shared.window();
      if (window?.store !== store || window.sequence < since) return;
      if (recent.askedAt <= replica.askedAt) return;
      if (isBehind()) replica.absorb(window, 0);
    }
    replica.absorb(recent.sync(), Math.min(recent.askedAt, clock.now()));
    this.#scheduleNext(recent.tookMs);
  }

  async #ask(since: Cursor | undefined, before: Recent | null): Promise<void> {
    const { asker, clock, replica } = this.#parts;
    const askedAt = clock.now();
    // Other isolates don't wait for older changes: the answer may be of no use to them.
    const isAwaited = since?.sequence === replica.view?.sequence;
    if (isAwaited) this.#shared.asks({ at: askedAt });
    const { polls } = replica;
    replica.polls = 0;
    let text: string;
    try {
      text = await asker.ask((writer) => writer.sync(since, polls));
    } catch (error) {
      replica.polls += polls;
      this.#shared.asks({ at: clock.now(), failed: true });
      throw error;
    }
    const sync = JSON.parse(text);
    if (since && replica.outlives(since, sync)) {
      // Another's answer has overtaken this one meanwhile: those who wait get one that continues from there.
      if (isAwaited) await this.#ask(replica.view?.cursor, before);
      return;
    }
    const tookMs = clock.now() - askedAt;
    replica.absorb(sync, askedAt);
    this.#scheduleNext(tookMs);
    if (replica.view) this.#shared.tell(sync, replica.view, { askedAt, tookMs, before });
  }

  #scheduleNext(tookMs: number): void {
    const { clock, random = Math.random, replica } = this.#parts;
    replica.tookMs = tookMs;
    const earliest = Math.max(replica.askedAt + REFRESH_AGE_MIN_MS, clock.now());
    replica.dueAt = earliest + REFRESH_SPREAD_MS * mostlyLate(random());
  }

  async #fallBack(): Promise<void> {
    const { clock, replica } = this.#parts;
    replica.away(clock.now() + AWAY_MS);
    await this.#readSpare();
  }

  async #readSpare(): Promise<void> {
    const { spare, replica, log } = this.#parts;
    try {
      const published = await spare.readSpare();
      replica.absorbSpare(published === null ? null : parseSpare(published));
    } catch (error) {
      // An isolate that holds nothing must not serve an empty wall.
      replica.isUnread = replica.view === null;
      log("spare refused", { error });
    }
  }
}

/**
 * Maps a uniform random number to 0 to 1, with exponentially growing density. With that, the first of any number of
 * isolates is about equally far ahead of the second (Nonnenmacher and Biersack, "Optimal multicast feedback", 1998).
 */
function mostlyLate(random: number): number {
  return Math.log1p(random * (REFRESH_SPREAD_BASE - 1)) / Math.log(REFRESH_SPREAD_BASE);
}
