/** One simulated run: the shipped entrypoint, rebuilder and client store in a world that misbehaves. */

import type { Sync } from "#schema/change";
import type { Comment } from "#schema/comment";
import { idOfKey, keyOf } from "#schema/id";
import { HISTORY_PAGE_MAX, NONCE_LIFETIME_MS, WINDOW_SIZE } from "#schema/limits";
import type { ReportedComments } from "#schema/moderation";
import type { LedgerKind } from "#worker/ledger/kind";
import { Random } from "../scripts/command/random.mjs";
import type { Stage } from "./actors";
import { cast, IS_SMALL } from "./cast";
import { chaos, cron } from "./chaos";
import { ClaimChecker } from "./checks/claims";
import { ConductChecker } from "./checks/conduct";
import { History } from "./checks/history";
import type { Isolate } from "./checks/isolate-checks";
import { LiveChecker } from "./checks/live";
import { PastChecker } from "./checks/past";
import { RemovalChecker } from "./checks/removals";
import { SenderBook } from "./checks/senders";
import { Verdict, Violation } from "./checks/violation";
import { type Fault, Faults, type Lag } from "./faults";
import { Isolates } from "./isolates";
import { oldComments, PAST_AGE_MS } from "./old-comments";
import { SimKv } from "./platform/kv";
import { SimObject } from "./platform/object";
import { Scheduler } from "./platform/scheduler";
import { ENTITIES } from "./secrets";
import { Trace } from "./trace";

const WALL = "main";
const START = Date.UTC(2026, 0, 1);
const LOCATIONS = ["ams", "sin", "iad", "gru"] as const;
const OBJECT_LOCATION = "iad";
const SPARE_KEY = "recent:comments";
const FIND_TRIES = 3;

/** A list returns twice a window, as with KV's 1,000 and our 500. */
const LIST_MAX_KEYS = 2 * WINDOW_SIZE;
/** Time to recover once the faults are over: KV's own bounds, with a margin. */
const HEALING_MS = 4 * 60_000;
const STEP_MS = 10_000;
const AWAY_MS = 60_000;
const SHARED_CACHE_MS = 10_000;
/** At the end of a small world no messages are sent for this long. */
const QUIET_MS = 60_000;
/** A beat, another one after a publication that had to wait, and KV's slowest put. */
const PUBLISHED_BY_MS = 15_000;

export interface WorldOptions {
  seed: number;
  /** The wall's ledger: `kv` when absent. */
  ledger?: LedgerKind;
  /** Simulated time with faults, in ms; the time without them that follows is added. */
  faultyMs: number;
  /** Kinds of faults that do not happen. */
  without?: ReadonlySet<Fault>;
  traced?: boolean;
}

export interface Report {
  seed: number;
  simulatedMs: number;
  /** Requests of clients, and the KV operations that they and the rebuilder caused. */
  requests: number;
  operations: number;
  acknowledged: number;
  checked: Map<number, number>;
  injected: Map<Fault | Lag, number>;
  lateness: number[];
  violation: Violation | null;
  trace: Trace | null;
}

/** Runs a world from its seed to the first violation, or to its end. */
export async function runWorld(options: WorldOptions): Promise<Report> {
  const { seed, ledger = "kv", faultyMs, traced = false } = options;
  const { without = new Set<Fault>() } = options;
  const random = new Random(seed);
  const scheduler = new Scheduler(START);
  const now = () => scheduler.now - START;
  const trace = traced ? new Trace(now) : null;
  const verdict = new Verdict(now, START);
  const removals = new RemovalChecker(verdict);
  const history = new History(verdict, removals);
  const level = random.pick([0, 0.5, 1, 2]);
  const faults = new Faults(random.fork(), level, without, trace);
  const conduct = new ConductChecker(
    verdict,
    () => object.ledger,
    () => object.shortLists,
    (key) => history.wasShown(idOfKey(WALL, key) ?? ""),
    () => history.gone + faults.count("foreign key") + faults.count("corrupt value"),
  );
  const live = new LiveChecker({
    verdict,
    history,
    removals,
    ledger: () => object.ledger,
    isStored: (id) => object.message(id) !== null,
    sinceStart: (time) => time - START,
  });
  const past = new PastChecker(verdict, history, removals);
  const claims = new ClaimChecker(verdict, history, removals);
  let violation: Violation | null = null;
  const guard = (check: () => void) => {
    try {
      check();
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      violation ??= error;
    }
  };

  const kv = new SimKv({
    scheduler,
    random: random.fork(),
    faults,
    locations: LOCATIONS,
    listMaxKeys: LIST_MAX_KEYS,
  });
  const object: SimObject = new SimObject({
    scheduler,
    random: random.fork(),
    kv,
    location: OBJECT_LOCATION,
    faults,
    trace,
    wall: WALL,
    ledger,
    events: {
      log: (event, fields, incarnation) =>
        guard(() => {
          if (event === "cache rebuilt")
            conduct.rebuilt(incarnation.number, fields.operations as { list: number });
          if (event === "rebuild failed") conduct.failed(incarnation);
          if (event === "publish failed") conduct.publishFailed(incarnation.number);
        }),
      synced: (sync, takenAt, incarnation) =>
        guard(() => {
          history.synced(sync, takenAt - START, incarnation.number);
          conduct.synced(sync, START, incarnation);
        }),
      noticed: (comment, incarnation) => history.noticed(comment, incarnation),
      asked: (place) => guard(() => conduct.asked(place)),
      appended: (accepted, takenAt) =>
        guard(() => isolates.checks.expectClosed(accepted, takenAt - START)),
      dropped: (ids) => history.dropped(ids),
      told: (found, takenAt) => {
        if (found.state === "found") guard(() => history.told(found.comment, takenAt - START));
      },
      claimed: (comment, clock, takenAt) =>
        guard(() => claims.granted(comment, clock, takenAt - START)),
      releasing: (id, bot) => claims.releasing(id, bot),
      watched: (isArmed) => guard(() => conduct.watched(isArmed)),
      opened: (incarnation) => conduct.opened(incarnation),
      openedSocket: (connection) => guard(() => live.opened(connection)),
      sent: (message) => guard(() => live.sent(message)),
      unread: (bytes) => guard(() => live.unread(bytes)),
      clockSet: (latest) => {
        conduct.clockSet();
        claims.expired(latest);
      },
      list: () => guard(() => conduct.list()),
      read: (incarnation, keys, found) => guard(() => conduct.read(incarnation, keys, found)),
      put: (incarnation, key, value) => {
        if (key !== SPARE_KEY) return;
        history.published(value);
        guard(() => removals.expectHidden("the published wall", value.includes('"secretHash"')));
        guard(() => conduct.published(incarnation, value));
      },
    },
  });
  const isolates: Isolates = new Isolates({
    scheduler,
    random: random.fork(),
    faults,
    kv,
    writer: (place) => object.calls(place),
    upgrade: (opening) => object.upgrade(opening),
    locations: LOCATIONS,
    cacheFailed: (place) => conduct.cacheFailed(place),
    wall: WALL,
    ledger,
    history,
    past,
    claims,
    removals,
    verdict,
    trace,
    guard,
  });

  const faultsEnd = START + faultyMs;
  const worldEnds = faultsEnd + HEALING_MS;
  // In small worlds people write until near the end, so that the last day has messages.
  const writingEnds = IS_SMALL ? worldEnds - QUIET_MS : faultsEnd;
  const hasPast = random.chance(0.05);
  const stage: Stage = {
    // Rows that a world begins with are in no window; a real wall's would be. An older message that was
    // added would follow the window's messages, and a page of the past that begins behind it would skip them.
    addedAgeMaxMs: Math.min(
      4 * NONCE_LIFETIME_MS,
      hasPast && ledger === "sqlite" ? PAST_AGE_MS / 2 : Number.POSITIVE_INFINITY,
    ),
    scheduler,
    isolates,
    faults,
    history,
    removals,
    senders: new SenderBook(),
    conduct,
    isSenderRecorded: (id) => object.isSenderRecorded(id),
    verdict,
    guard,
    writingEnds,
    worldEnds,
  };
  if (hasPast) {
    // A wall with a past: more than a list returns.
    const past = oldComments(START, random.integer(1, 3 * WINDOW_SIZE));
    if (ledger === "sqlite") object.plant(past);
    for (const comment of past) {
      history.planted(comment);
      if (ledger === "kv") kv.plant(keyOf(WALL, comment.id), JSON.stringify(comment));
    }
  }

  let crashed: unknown;
  const parts = { scheduler, faults, object, isolates, kv, wall: WALL, locations: LOCATIONS };
  const actors = [
    ...cast({ ...stage, live, isExact: ledger === "sqlite" }, random, faultsEnd),
    chaos(parts, random.fork(), faultsEnd),
    cron(parts, worldEnds),
  ];
  Promise.all(actors).catch((error) => {
    crashed = error;
  });

  const runUntil = async (end: number) => {
    while (scheduler.now < end && !violation && !crashed)
      await scheduler.runUntil(Math.min(end, scheduler.now + STEP_MS));
    if (crashed) throw crashed;
  };
  await runUntil(faultsEnd);
  faults.end();
  conduct.faultsEnded();
  await runUntil(worldEnds);
  history.endLateness();
  if (!violation) await finished(scheduler, () => settle());

  /** The final checks, when the faults are long over. */
  async function settle(): Promise<void> {
    // A burst beyond the window may never have been read; the change log has it.
    const { floor, store, sequence } = JSON.parse(await object.calls().sync()) as Sync;
    await object.calls().sync({ store, sequence: floor });
    // The last change is published a beat later; a wall that got no messages need not be published.
    const nothing = history.acknowledgedIds().length > 0 ? -1 : sequence;
    await scheduler.sleep(PUBLISHED_BY_MS);
    const published = JSON.parse(kv.value(SPARE_KEY) ?? "{}").sequence ?? nothing;
    const lag = () => `${published} is published, but the wall is at ${sequence}`;
    guard(() => verdict.expect(11, published >= sequence, lag));
    const [unseen] = history.neverShown();
    const words = () => `${unseen} was never shown`;
    guard(() => verdict.expect(2, unseen === undefined, words, unseen ?? ""));
    const isolate = isolates.all[0] as Isolate;
    removals.expectBack();
    const found = new Map<string, Comment | null>();
    // A merged copy takes two reads of KV, which may be slower together than a call may take: then a client asks again.
    for (const id of history.acknowledgedIds())
      for (let tries = 0; tries < FIND_TRIES && !found.get(id); tries += 1)
        found.set(id, await isolates.find(isolate, id));
    const rowsRecord = (id: string) => {
      const record = object.message(id);
      return record && JSON.stringify(record);
    };
    const stored = (id: string) =>
      object.ledger === "sqlite" ? rowsRecord(id) : kv.value(keyOf(WALL, id));
    const isUndone = (id: string) => kv.undoneByTwin.has(keyOf(WALL, id));
    guard(() => history.expectAllFound(found, stored, isUndone));
    const whole = await everything(isolate);
    guard(() => past.whole(whole, found));
    guard(() => claims.answers(whole));
    const known = [...history.acknowledgedIds(), ...history.plantedIds()];
    const textOf = (id: string) => history.textOf(id);
    guard(() => {
      // A moved wall does not look for keys as old as the rows that were dropped.
      const kept = known.filter((id) => !history.wasDropped(id));
      removals.expectErased("the ledger", kept, textOf, kv.values());
      removals.expectErased("the object's storage", known, textOf, object.texts);
    });
    const reports = await isolates.admin(isolate, "reports", (service, caller) =>
      service.admin.reported(caller),
    );
    const reported = reports?.ok ? (reports.value as ReportedComments).reported : null;
    if (!reported) throw new Error("no reports though all faults are over");
    guard(() => {
      for (const { comment, around } of reported)
        removals.expectGone("the reports", [comment, ...around], verdict.now);
      removals.expectGone("the rows of reports", object.reportedIds, verdict.now);
    });
    const pending = await isolates.pending(isolate, WINDOW_SIZE);
    guard(() => claims.allPending(pending, WINDOW_SIZE, found, scheduler.now));
    for (const entity of ENTITIES) {
      const addressed = await isolates.pending(isolate, WINDOW_SIZE, { entity, addressed: true });
      const one = await isolates.pending(isolate, 1, { entity });
      const own = new Map([...found].filter(([, each]) => each?.botParams.entity === entity));
      guard(() => {
        claims.allPending(addressed, WINDOW_SIZE, own, scheduler.now);
        claims.notStarved(entity, addressed, one, scheduler.now);
      });
    }
    // With the rebuilder away, a reader without a view gets the published wall, once the data centre's cache is too
    // old.
    object.kill(AWAY_MS);
    isolates.restart(isolate);
    await scheduler.sleep(SHARED_CACHE_MS);
    const read = await isolates.read(isolate);
    const isEmpty = ![...found.values()].some((comment) => comment !== null);
    const isShown = !!read?.spare && (read.comments.length > 0 || isEmpty);
    guard(() => verdict.expect(11, isShown, () => "with the rebuilder away the wall is empty"));
    const shown = read?.comments ?? [];
    guard(() => removals.expectGone("the published wall", shown, verdict.now));
  }

  /** All comments, newest first, as a patient client reads them. */
  async function everything(isolate: Isolate): Promise<Comment[]> {
    const comments = [...((await isolates.read(isolate))?.comments ?? [])];
    let before: string | null = comments.at(-1)?.id ?? null;
    while (before) {
      const page = await isolates.history(isolate, before, HISTORY_PAGE_MAX);
      if (!page) throw new Error("no answer though all faults are over");
      comments.push(...page.comments);
      before = page.nextBefore ?? null;
    }
    return comments;
  }

  return {
    seed,
    simulatedMs: now(),
    requests: isolates.reads + history.acknowledgedIds().length,
    operations: kv.operations,
    acknowledged: history.acknowledgedIds().length,
    checked: verdict.checked,
    injected: faults.injected,
    lateness: history.lateness,
    violation,
    trace,
  };
}

/** Advances time until `work` has ended. */
async function finished(scheduler: Scheduler, work: () => Promise<void>): Promise<void> {
  let ended = false;
  const working = work().finally(() => {
    ended = true;
  });
  // It is awaited below, once it has ended; until then a rejection must not count as unhandled.
  working.catch(() => {});
  while (!ended) await scheduler.runUntil(scheduler.now + 1_000);
  await working;
}
