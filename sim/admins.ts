/** The actions of admins on a wall in use, at any moment: pause, move, import, remove a sender's messages. */
import type { Comment } from "#schema/comment";
import { isSameMessage, makeId, timestampOf } from "#schema/id";
import { NONCE_LIFETIME_MS } from "#schema/limits";
import type { MoveProgress } from "#schema/move";
import type { Random } from "../scripts/command/random.mjs";
import type { Stage } from "./actors";

const TYPICAL_MS = 15_000;
const TAIL_MS = 60_000;
/** Long enough for every entrypoint to learn of a pause, with a margin. */
const PAUSE_MIN_MS = 14_000;
const PAUSE_MAX_MS = 25_000;
const STEP_TYPICAL_MS = 500;
const STEP_TAIL_MS = 10_000;
/** Time until a key that can't be read yet is retried, as by `npm run migrate`. */
const WAITING_MS = 2_000;
const REMOVAL_TRIES = 6;
const IMPORTED_MAX = 20;
const HUGE_CHARACTERS = 900_000;
const HUGE_COUNT = 3;

export async function admins(stage: Stage, own: Random): Promise<void> {
  const { scheduler, faults, writingEnds } = stage;
  const actions = {
    "posting paused": () => pauseForAWhile(stage, own),
    "sender's messages removed": () => removeSender(stage, own),
    "messages imported": () => importMessages(stage, own),
    "huge messages imported": () => importHuge(stage, own),
    "moved to sqlite": () => move(stage, own),
  } as const;
  const kinds = Object.keys(actions) as (keyof typeof actions)[];
  while (scheduler.now < writingEnds) {
    await scheduler.sleep(own.delay(TYPICAL_MS, TAIL_MS));
    const kind = own.pick(kinds);
    if (scheduler.now < writingEnds && faults.happens(kind)) await actions[kind]();
  }
}

async function pauseForAWhile({ scheduler, isolates, conduct, verdict }: Stage, own: Random) {
  const pause = (paused: boolean) => {
    conduct.pausing();
    return isolates.admin(own.pick(isolates.all), `pause ${paused}`, (service, caller) =>
      service.admin.pause(caller, { paused }),
    );
  };
  if ((await pause(true))?.ok) isolates.checks.paused(verdict.now);
  await scheduler.sleep(own.integer(PAUSE_MIN_MS, PAUSE_MAX_MS));
  isolates.checks.paused(null);
  while (!(await pause(false))?.ok) await scheduler.sleep(own.delay(1_000, 10_000));
}

async function move({ scheduler, isolates, conduct, worldEnds }: Stage, own: Random) {
  conduct.moved();
  while (scheduler.now < worldEnds) {
    const outcome = await isolates.admin(own.pick(isolates.all), "move", (service, caller) =>
      service.admin.move(caller, { to: "sqlite" }),
    );
    const progress = outcome?.ok ? (outcome.value as MoveProgress) : null;
    if (progress?.phase === "done") return;
    await scheduler.sleep(
      progress?.waiting ? WAITING_MS : own.delay(STEP_TYPICAL_MS, STEP_TAIL_MS),
    );
  }
}

async function importMessages(stage: Stage, own: Random) {
  const { scheduler, isolates, history, addedAgeMaxMs } = stage;
  const comments = Array.from({ length: own.integer(1, IMPORTED_MAX) }, (): Comment => {
    const timestamp = scheduler.now - own.integer(5_000, addedAgeMaxMs);
    const suffix = own
      .integer(0, 36 ** 7)
      .toString(36)
      .padStart(10, "0");
    const text = `imported ${suffix}`;
    history.sent("", text);
    const id = makeId(timestamp, suffix);
    const botParams = { processed: true };
    return {
      id,
      timestamp,
      text,
      username: "elsewhere",
      color: "#aabbcc",
      type: "human",
      botParams,
    };
  });
  const outcome = await isolates.admin(own.pick(isolates.all), "import", (service, caller) =>
    service.admin.importComments(caller, { comments }),
  );
  if (outcome?.ok) for (const comment of comments) history.planted(comment);
}

/** Imports messages that the wall's own form would reject. */
async function importHuge({ scheduler, isolates, history }: Stage, own: Random) {
  const comments = Array.from({ length: HUGE_COUNT }, (_, index): Comment => {
    const timestamp = scheduler.now - 5_000 - index;
    const suffix = own
      .integer(0, 36 ** 7)
      .toString(36)
      .padStart(10, "0");
    const text = suffix.padEnd(HUGE_CHARACTERS, "x");
    history.sent("", text);
    const id = makeId(timestamp, suffix);
    return { id, timestamp, text, username: "x", color: "#aabbcc", type: "human", botParams: {} };
  });
  await isolates.admin(own.pick(isolates.all), "import", (service, caller) =>
    service.admin.importComments(caller, { comments }),
  );
}

async function removeSender(stage: Stage, own: Random) {
  const { scheduler, isolates, history, isSenderRecorded, senders, removals } = stage;
  const isolate = own.pick(isolates.all);
  const newest = await isolates.read(isolate, { limit: 50 });
  const seen = (newest?.comments ?? []).filter(({ text }) => senders.nameOf(text) !== null);
  if (seen.length === 0) return;
  const { id, text } = own.pick(seen);
  const name = senders.nameOf(text) as string;
  // One whose sender is not recorded, as its notice is late or lost or the object ended, is not included.
  const before = history.acknowledgedIds((each) => senders.nameOf(each) === name);
  const recorded = before.filter(isSenderRecorded);
  senders.removing(name, removals);
  let isDone = false;
  for (let tries = 0; tries < REMOVAL_TRIES && !isDone; tries += 1) {
    if (tries > 0) await scheduler.sleep(own.delay(STEP_TYPICAL_MS, STEP_TAIL_MS));
    isDone = await isolates.removeSender(own.pick(isolates.all), id);
  }
  // The rebuilder goes on by itself with one that it has begun, and takes what the sender sends until it is done.
  if (!isDone) return;
  senders.removed(name);
  removals.done(id);
  // A message that was sent again on a later day counts as sent on its first.
  const isOfThatDay = (each: string) =>
    before.every((copy) => !isSameMessage(copy, each) || dayOf(copy) === dayOf(id));
  for (const each of recorded) if (isOfThatDay(each) && isSenderRecorded(each)) removals.done(each);
}

function dayOf(id: string): number {
  return Math.floor(timestampOf(id) / NONCE_LIFETIME_MS);
}
