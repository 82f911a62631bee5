/**
 * Keeps an isolate's replica of the wall fresh: asks the rebuilder, through the data centre's cache, else the spare.
 *
 * Decision 16 says how old what is served may be, and why.
 */
import type { Cursor } from "#schema/cursor";
import type { ReadQuery } from "#schema/read";
import { parseSpare } from "#schema/spare";
import type { Asker } from "../../contract/asker";
import type { Spare } from "../../ledger/ledger";
import type { Clock } from "../../platform/clock";
import { inTime } from "../../platform/deadline";
import type { Log } from "../../platform/log";
import type { Refresh, Replica } from "./replica";
import { type Recent, type SharedCache, SharedWall } from "./shared-wall";

/** A read contains everything that the rebuilder knew this long before the read came. */
const READ_AGE_MAX_MS = 1_000;

/** A rebuilder that has taken longer than this to answer is slow: nobody waits for it who has something to show. */
const QUICK_MS = 500;

/** While it is slow, what is served may be this old. */
const SLOW_READ_AGE_MAX_MS = 3_000;

/**
 * Each isolate asks again at a random time between these ages of what it holds, most of them late: so that one
 * of many is first by more than it takes the others to see in the cache that somebody asks.
 */
const REFRESH_AGE_MIN_MS = 750;
const REFRESH_SPREAD_MS = READ_AGE_MAX_MS - REFRESH_AGE_MIN_MS;
const REFRESH_SPREAD_BASE = 100;

/** A question that is not answered by then was lost with whoever asked it: another one may be asked. */
const ASKING_MAX_MS = 2_000;

/** How often an isolate looks in the cache for the answer to another one's question; with a slow rebuilder nobody waits for it. */
const LOOK_INTERVAL_MS = 50;
const SLOW_LOOK_INTERVAL_MS = 200;

/** How often a request looks whether another one has brought the replica up to date. */
const WAIT_INTERVAL_MS = 25;

/** A request that waits for another isolate's answer looks in the cache again within this time. */
const LOOKING_MAX_MS = 500;

/** Changes beyond the cursor that an older delta is asked for: those who ask next are likely to be there. */
const REACH_BACK = 500;

/** A rebuilder that was away is asked again after this long. */
const AWAY_MS = 1_000;

/** How old what an isolate knows of a pause may be. */
const PAUSE_KNOWN_MS = 10_000;

/** How long a post waits to hear of a pause: a rebuilder that is away must not hold it up. */
const PAUSE_WAIT_MS = 500;

interface RefresherParts {
  wall: string;
  clock: Clock;
  spare: Spare;
  asker: Asker;
  replica: Replica;
  shared: SharedCache;
  /** Lets work go on after the answer, and after the client has left. */
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

  /** Whether the wall takes no messages, as far as can be told without holding anyone up. */
  async isPaused(): Promise<boolean> {
    const { clock, replica } = this.#parts;
    if (clock.now() - replica.askedAt > PAUSE_KNOWN_MS)
      await inTime(clock, PAUSE_WAIT_MS, "the wall", this.refresh({ limit: 1 })).catch(() => {});
    return replica.isPaused;
  }

  /** Brings the replica to what a read that comes now may be answered from, or, with the rebuilder away, to the best there is. */
  async refresh(query: ReadQuery): Promise<void> {
    const { clock, replica } = this.#parts;
    const cameAt = clock.now();
    replica.correct(cameAt, { dueMaxMs: READ_AGE_MAX_MS, awayMaxMs: AWAY_MS });
    let own: Promise<void> | undefined;
    let isOver = false;
    for (;;) {
      const now = clock.now();
      if (now < replica.awayUntil) {
        // A request that found the rebuilder away waits for the snapshot, as does an isolate with nothing else to show.
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

  /** Asks the rebuilder now, and shares its answer: after a removal the cache is to hold its words no longer. */
  async renew(): Promise<void> {
    try {
      await this.#ask(this.#parts.replica.view?.cursor, (await this.#shared.look()).recent);
    } catch (error) {
      this.#parts.log("rebuilder away", { error });
    }
  }

  /** Whether what is held may answer a read that came at that time. */
  #isServable(cameAt: number, now: number): boolean {
    const { replica } = this.#parts;
    if (cameAt - replica.askedAt <= READ_AGE_MAX_MS) return true;
    if (now - replica.askedAt > SLOW_READ_AGE_MAX_MS || replica.isSpare) return false;
    const refresh = replica.refreshAt(now);
    const isOwnSlow = refresh?.askedAt !== undefined && now - refresh.askedAt >= QUICK_MS;
    return replica.tookMs > QUICK_MS || isOwnSlow || refresh?.isOthersSlow === true;
  }

  /** One refresh of this isolate; it goes on when the request has been answered. Never throws. */
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
      // A question from before the newest answer was answered about then, or is lost.
      const answeredAt = recent ? recent.askedAt + recent.tookMs : 0;
      const isOpen = asking !== null && asking.at > answeredAt;
      // Only as of this look: should this request end here, nobody would note the answer.
      refresh.isOthersSlow = isOpen && !asking.failed && clock.now() - asking.at >= QUICK_MS;
      // An older cursor than the shared changes reach back to: nobody else is asking that.
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
    const isBehind = replica.lacks(query);
    await this.#ask(isBehind ? replica.reachBack(query, REACH_BACK) : replica.view?.cursor, recent);
    // A page's or another isolate's older cursor: its changes are asked for once, and kept.
    if (replica.lacks(query)) await this.#ask(replica.reachBack(query, REACH_BACK), recent);
  }

  /** Takes what another isolate was answered, if that leads on from what is held or from the shared window. */
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
    this.#isAnswered(recent.tookMs);
  }

  async #ask(since: Cursor | undefined, before: Recent | null): Promise<void> {
    const { asker, clock, replica } = this.#parts;
    const askedAt = clock.now();
    this.#shared.asks({ at: askedAt });
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
    const tookMs = clock.now() - askedAt;
    replica.absorb(sync, askedAt);
    this.#isAnswered(tookMs);
    if (replica.view) this.#shared.tell(sync, replica.view, { askedAt, tookMs, before });
  }

  #isAnswered(tookMs: number): void {
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
      // Whoever has seen nothing yet must not be shown an empty wall for a full one.
      replica.isUnread = replica.view === null;
      log("spare refused", { error });
    }
  }
}

/**
 * From 0 to 1, the more likely the later, by an exponential: of any number of isolates the first is then about as
 * far ahead of the second (Nonnenmacher and Biersack, "Optimal multicast feedback", 1998).
 */
function mostlyLate(random: number): number {
  return Math.log1p(random * (REFRESH_SPREAD_BASE - 1)) / Math.log(REFRESH_SPREAD_BASE);
}
