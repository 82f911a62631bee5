/**
 * Answers that the isolates of one data centre share through its cache, so that together they put about one
 * question a second to the rebuilder together, however many they are.
 *
 * Three entries for each wall, whatever the cursors of those who read:
 * - `recent`, the newest answer of the rebuilder: the changes of the last seconds, which bring everybody up to
 *   date whose copy is not older than these;
 * - `window`, the newest 500 as of a few seconds ago, where an isolate begins that holds nothing or is far
 *   behind: `recent` goes on from there;
 * - `asking`, that somebody is asking the rebuilder, so that the others wait for the answer.
 *
 * The cache is a help. One that fails or hangs counts as empty, and never keeps a reader from the wall.
 */
import type { Sync } from "#schema/change";
import type { WallView } from "#schema/wall-view";
import type { Clock } from "../../platform/clock";
import { inTime } from "../../platform/deadline";
import type { Log } from "../../platform/log";

/** The cache is in the same building: what takes longer than this is broken. */
const CACHE_TIMEOUT_MS = 200;

/** A broken cache is logged this often. */
const CACHE_LOG_INTERVAL_MS = 60_000;

/** Long enough for the next answer to go on from this one, short enough for words taken down to be gone soon. */
const RECENT_LIFETIME_MS = 10_000;
const WINDOW_LIFETIME_MS = 60_000;
const ASKING_LIFETIME_MS = 5_000;

/** The window is shared anew this long after the last one if something changed: `recent` reaches back once to twice as far. */
const WINDOW_AGE_MAX_MS = 5_000;

/** Before it leaves the cache. */
const WINDOW_RENEWED_MS = WINDOW_LIFETIME_MS / 2;

/** Changes in `recent` at most; twice as many as come between two windows. */
const RECENT_CHANGES_MAX = 500;

/** Two machines of one data centre differ by less. */
const CLOCKS_DIFFER_MS = 100;

/** Texts shared by the isolates of one data centre. Both calls may fail, and may never answer. */
export interface SharedCache {
  get(key: string): Promise<string | null>;
  put(key: string, text: string, lifetimeMs: number): Promise<void>;
}

/** The first line of the newest answer. It is parsed alone, since parsing some hundred changes takes a while. */
export interface RecentHead {
  store: string;
  /** When the rebuilder was asked, in ms, and how long it took to answer. */
  askedAt: number;
  tookMs: number;
  /** The changes are those after this sequence. */
  since: number;
  /** The window that is in the cache, and when it was put there, in ms. */
  window: { sequence: number; at: number };
}

export interface Recent extends RecentHead {
  /** With changes. */
  sync: () => Sync;
}

/** A question to the rebuilder: when it was asked or, if it failed, when it did, in ms. */
export interface Asking {
  at: number;
  failed?: true;
}

interface SharedWallParts {
  wall: string;
  clock: Clock;
  shared: SharedCache;
  log: Log;
  /** Lets work go on after the answer. */
  background: (work: Promise<unknown>) => void;
}

/** When an isolate last logged that the cache failed, in ms. */
const loggedAt = new WeakMap<SharedCache, number>();

export class SharedWall {
  readonly #parts: SharedWallParts;

  constructor(parts: SharedWallParts) {
    this.#parts = parts;
  }

  /** The newest answer, and whether another one is being asked for. */
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

  /** The shared window, from which an isolate begins that cannot go on from `recent` alone. */
  async window(): Promise<Sync | null> {
    return (await this.#get<Sync>("window", JSON.parse)) ?? null;
  }

  asks(asking: Asking): void {
    this.#put("asking", () => JSON.stringify(asking), ASKING_LIFETIME_MS);
  }

  /** Shares an answer that brought `view` up to date; `before` is the one that was shared until then. */
  tell(
    { changes, window: _, ...head }: Sync,
    view: WallView,
    { askedAt, tookMs, before }: { askedAt: number; tookMs: number; before: Recent | null },
  ): void {
    // Another answer has come meanwhile, and is shared by whoever got it.
    if (head.store !== view.store || head.sequence !== view.sequence) return;
    const last = before?.store === view.store ? before : null;
    const removes = changes?.some((change) => "removed" in change) ?? false;
    const isWindowDue = !last || removes || this.#isOutdated(last.window, view, askedAt);
    const window = isWindowDue ? { sequence: view.sequence, at: askedAt } : last.window;
    const whole: Sync = { ...head, window: [...view.window] };
    if (isWindowDue) this.#put("window", () => JSON.stringify(whole), WINDOW_LIFETIME_MS);
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
