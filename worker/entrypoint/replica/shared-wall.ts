/**
 * The rebuilder's answers, shared by the isolates of one data centre through its cache. All isolates together make
 * about one sync a second, however many they are.
 *
 * Each wall has three entries, independent of the readers' cursors:
 * - `recent`: the rebuilder's newest answer, with the changes of the last seconds. It brings every isolate up to date
 *   whose replica is not older than these changes.
 * - `window`: the newest 500 comments as of a few seconds ago. An isolate that is empty or far behind starts here,
 *   and `recent` continues from it.
 * - `asking`: a sync is running, so the other isolates wait for its answer.
 *
 * The cache is optional. If it fails or hangs, it counts as empty, and never keeps a reader from the wall.
 */
import type { Sync } from "#schema/change";
import type { WallView } from "#schema/view/wall-view";
import type { Clock } from "../../platform/clock";
import { inTime } from "../../platform/deadline";
import type { Log } from "../../platform/log";

/** The cache is in the same building: if it takes longer, it is broken. */
const CACHE_TIMEOUT_MS = 200;

/** The shortest time between two logs of a broken cache. */
const CACHE_LOG_INTERVAL_MS = 60_000;

/** Long enough for the next answer to continue from this one, short enough for removed text to be gone soon. */
const RECENT_LIFETIME_MS = 10_000;
const WINDOW_LIFETIME_MS = 60_000;
const ASKING_LIFETIME_MS = 5_000;

/** A changed wall shares its window again after this time. `recent` reaches back once to twice as far. */
const WINDOW_AGE_MAX_MS = 5_000;

/** An unchanged wall shares its window again after this time, before it expires in the cache. */
const WINDOW_RENEWED_MS = WINDOW_LIFETIME_MS / 2;

/** The most changes in `recent`: twice as many as between two windows. */
const RECENT_CHANGES_MAX = 500;

/** The clocks of two machines in one data centre differ by less. */
const CLOCKS_DIFFER_MS = 100;

/** Text entries shared by the isolates of one data centre. Both calls may fail, and may never answer. */
export interface SharedCache {
  get(key: string): Promise<string | null>;
  put(key: string, text: string, lifetimeMs: number): Promise<void>;
}

/** The first line of `recent`. It is parsed alone, since parsing hundreds of changes takes a while. */
export interface RecentHead {
  store: string;
  /** When the sync started, and its duration, in ms. */
  askedAt: number;
  tookMs: number;
  /** The changes in this answer follow this sequence. */
  since: number;
  /**
   * The sequence of the window in the cache, and when that window was stored, in ms. A window that a removal
   * replaced in between is not noted.
   */
  window: { sequence: number; at: number };
}

export interface Recent extends RecentHead {
  /** The answer, with `changes`. */
  sync: () => Sync;
}

/** A sync with the rebuilder: when it started or, after a failure, when it failed, in ms. */
export interface Asking {
  at: number;
  failed?: true;
}

interface SharedWallParts {
  wall: string;
  clock: Clock;
  shared: SharedCache;
  log: Log;
  /** Keeps work running after the answer. */
  background: (work: Promise<unknown>) => void;
}

/** When an isolate last logged that the cache failed, in ms. */
const loggedAt = new WeakMap<SharedCache, number>();

export class SharedWall {
  readonly #parts: SharedWallParts;

  constructor(parts: SharedWallParts) {
    this.#parts = parts;
  }

  /** The newest answer, and the newest sync by any isolate. */
  async look(): Promise<{ recent: Recent | null; asking: Asking | null }> {
    const [recent, asking] = await Promise.all([
      this.#get("recent", parseRecent),
      this.#get<Asking>("asking", JSON.parse),
    ]);
    const now = this.#parts.clock.now();
    const believed = (time?: number) => time !== undefined && time <= now + CLOCKS_DIFFER_MS;
    return {
      recent: recent && believed(recent.askedAt) ? recent : null,
      // Without the newest answer, nobody can tell whether that question was answered already.
      asking: recent !== undefined && asking && believed(asking.at) ? asking : null,
    };
  }

  /** The shared window, for an isolate that can't continue from `recent` alone. */
  async window(): Promise<Sync | null> {
    return (await this.#get<Sync>("window", JSON.parse)) ?? null;
  }

  asks(asking: Asking): void {
    this.#put("asking", () => JSON.stringify(asking), ASKING_LIFETIME_MS);
  }

  /** Shares an answer that brought `view` up to date. `before` is the answer shared so far. */
  tell(
    { changes, window: _, ...head }: Sync,
    view: WallView,
    { askedAt, tookMs, before }: { askedAt: number; tookMs: number; before: Recent | null },
  ): void {
    // A newer answer has arrived in the meantime; the request that got it shares it.
    if (head.store !== view.store || head.sequence !== view.sequence) return;
    const last = before?.store === view.store ? before : null;
    const removes = changes?.some((change) => "removed" in change) ?? false;
    const isWindowDue = !last || this.#isOutdated(last.window, view, askedAt);
    const window = isWindowDue ? { sequence: view.sequence, at: askedAt } : last.window;
    const whole: Sync = { ...head, window: [...view.window] };
    // A removal replaces the window at once, and does not shorten `recent`.
    if (isWindowDue || removes)
      this.#put("window", () => JSON.stringify(whole), WINDOW_LIFETIME_MS);
    const reach = (isWindowDue ? last?.window.sequence : last.since) ?? view.sequence;
    const since = Math.max(reach, view.floor, view.sequence - RECENT_CHANGES_MAX);
    const sync: Sync = { ...head, changes: view.logSince(since) };
    const recent: RecentHead = { store: view.store, askedAt, tookMs, since, window };
    const text = () => `${JSON.stringify(recent)}\n${JSON.stringify(sync)}`;
    this.#put("recent", text, RECENT_LIFETIME_MS);
  }

  #isOutdated({ sequence, at }: Recent["window"], view: WallView, now: number): boolean {
    const behind = view.sequence - sequence;
    const age = now - at;
    if (age < 0 || age > WINDOW_RENEWED_MS || sequence < view.floor) return true;
    return behind > RECENT_CHANGES_MAX / 2 || (behind > 0 && age > WINDOW_AGE_MAX_MS);
  }

  /** `null` if the cache has no such entry, `undefined` if it could not be read. */
  async #get<T>(name: string, parse: (text: string) => T): Promise<T | null | undefined> {
    const { clock, shared, wall } = this.#parts;
    try {
      const text = await inTime(
        clock,
        CACHE_TIMEOUT_MS,
        "the cache",
        shared.get(`${wall}/${name}`),
      );
      return text === null ? null : parse(text);
    } catch (error) {
      this.#logFailure(error);
      return undefined;
    }
  }

  #put(name: string, text: () => string, lifetimeMs: number): void {
    const { background, clock, shared, wall } = this.#parts;
    const put = async () => {
      const putting = shared.put(`${wall}/${name}`, text(), lifetimeMs);
      await inTime(clock, CACHE_TIMEOUT_MS, "the cache", putting);
    };
    background(put().catch((error) => this.#logFailure(error)));
  }

  #logFailure(error: unknown): void {
    const { clock, log, shared } = this.#parts;
    const now = clock.now();
    if (Math.abs(now - (loggedAt.get(shared) ?? 0)) < CACHE_LOG_INTERVAL_MS) return;
    loggedAt.set(shared, now);
    log("cache failed", { error });
  }
}

function parseRecent(text: string): Recent {
  const end = text.indexOf("\n");
  const head: RecentHead = JSON.parse(text.slice(0, end));
  return { ...head, sync: () => JSON.parse(text.slice(end + 1)) };
}
