/** Keeps an isolate's replica of the wall fresh: asks the rebuilder, through the data centre's cache, else the spare. */
import type { Sync } from "#schema/change";
import { type Cursor, formatCursor } from "#schema/cursor";
import type { ReadQuery } from "#schema/read";
import { parseSpare } from "#schema/spare";
import type { Clock } from "./clock";
import type { Spare } from "./ledger/ledger";
import type { Log } from "./log";
import type { Asker } from "./rebuilder-rpc";
import type { Replica } from "./replica";

/** An answer of the rebuilder is served this long without asking again. */
const FRESH_MS = 700;

/** While somebody asks again it is served a little longer: never older than a second. */
const FRESH_WHILE_REFRESHING_MS = 1_000;

/** A rebuilder that was away is asked again after this long. */
const AWAY_MS = 1_000;

/** How old what an isolate knows of a pause may be. */
const PAUSE_KNOWN_MS = 10_000;

/** How long a post waits to hear of a pause: a rebuilder that is away must not hold it up. */
const PAUSE_WAIT_MS = 500;

/** Texts shared for a second by the isolates of one data centre. */
export interface SharedCache {
  get(key: string): Promise<string | null>;
  put(key: string, text: string): Promise<void>;
}

interface RefresherParts {
  wall: string;
  clock: Clock;
  spare: Spare;
  asker: Asker;
  replica: Replica;
  shared: SharedCache;
  background: (work: Promise<unknown>) => void;
  log: Log;
}

export class Refresher {
  readonly #parts: RefresherParts;

  constructor(parts: RefresherParts) {
    this.#parts = parts;
  }

  /** Whether the wall takes no messages, as far as can be told without holding anyone up. */
  async isPaused(): Promise<boolean> {
    const { clock, replica } = this.#parts;
    if (clock.now() - replica.askedAt > PAUSE_KNOWN_MS)
      await Promise.race([this.refresh({ limit: 1 }), clock.sleep(PAUSE_WAIT_MS)]);
    return replica.isPaused;
  }

  /** Brings the replica to at most a second of age, or, with the rebuilder away, to the best there is. */
  async refresh(query: ReadQuery): Promise<void> {
    const { clock, replica } = this.#parts;
    const now = clock.now();
    const age = now - replica.askedAt;
    if (now < replica.awayUntil) {
      // Another request has found the rebuilder away, and may still wait for the snapshot.
      if (replica.isUnread) await this.#readSpare();
      return;
    }
    const isRefreshing = now - replica.refreshingSince < FRESH_WHILE_REFRESHING_MS;
    const isFresh = age <= FRESH_MS || (age <= FRESH_WHILE_REFRESHING_MS && isRefreshing);
    const lacks = replica.lacks(query);
    if (isFresh && !lacks) return;
    replica.refreshingSince = now;
    try {
      const held = replica.view?.cursor;
      replica.absorb(...(await this.#sync(held)));
      // Another isolate's or page's older cursor: its deltas are asked for once, and kept.
      if (replica.lacks(query)) replica.absorb(...(await this.#sync(query.since)));
    } catch (error) {
      this.#parts.log("rebuilder away", { error });
      await this.#fallBack();
    } finally {
      replica.refreshingSince = 0;
    }
  }

  /** The rebuilder's answer and when it was asked, through the data centre's cache. */
  async #sync(since: Cursor | undefined): Promise<[Sync, number]> {
    const { asker, clock, shared, wall, replica } = this.#parts;
    const key = `${wall}/${since ? formatCursor(since) : ""}`;
    const cached = parseShared(await shared.get(key));
    const isFresh = cached && clock.now() - cached.askedAt <= FRESH_MS;
    // One that is behind what is held can tell nothing of the changes up to it.
    if (isFresh && !replica.isAhead(cached.sync)) return [cached.sync, cached.askedAt];
    const askedAt = clock.now();
    const { polls } = replica;
    replica.polls = 0;
    const text = await asker.ask((rebuilder) => rebuilder.sync(wall, since, polls));
    this.#parts.background(shared.put(key, `${askedAt} ${text}`));
    return [JSON.parse(text), askedAt];
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

function parseShared(text: string | null): { askedAt: number; sync: Sync } | null {
  const space = text?.indexOf(" ") ?? -1;
  if (!text || space < 0) return null;
  return { askedAt: Number(text.slice(0, space)), sync: JSON.parse(text.slice(space + 1)) };
}
