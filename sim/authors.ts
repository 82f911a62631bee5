/** Authors who take their own messages down, people who try it with a wrong secret, and people who report. */
import type { Comment } from "#schema/comment";
import { OWN_REMOVAL_MS } from "#schema/limits";
import type { Random } from "../scripts/command/random.mjs";
import type { Stage } from "./actors";
import { secretOf } from "./secrets";

const TRIES = 5;
/** A clock that is behind must not make a late attempt an early one. */
const LATE_MS = OWN_REMOVAL_MS + 20_000;
const REPORTS_TYPICAL_MS = 10_000;
const REPORTS_TAIL_MS = 60_000;
const REPORTERS = 20;

/** Takes one's own message down at once, later, or around the end of the time; sometimes after a stranger tried it. */
export async function takeDown(stage: Stage, own: Random, comment: Comment): Promise<void> {
  const { scheduler, isolates, faults, worldEnds } = stage;
  const { id, text } = comment;
  if (!faults.happens("own message taken down")) return;
  const wait = own.pick([0, own.integer(0, OWN_REMOVAL_MS), OWN_REMOVAL_MS, LATE_MS]);
  if (scheduler.now + wait >= worldEnds) return;
  await scheduler.sleep(wait);
  if (own.chance(0.3)) await isolates.removeOwn(own.pick(isolates.all), id, "a guess", false);
  for (let tries = 0; tries < TRIES; tries += 1) {
    const answered = await isolates.removeOwn(own.pick(isolates.all), id, secretOf(text), true);
    if (answered) break;
    await scheduler.sleep(own.delay(1_000, 10_000));
  }
  // A retry of an answered call, which changes nothing.
  if (own.chance(0.2)) await isolates.removeOwn(own.pick(isolates.all), id, secretOf(text), true);
}

/** Reports messages that it sees, sometimes one twice. */
export async function reporter(stage: Stage, own: Random): Promise<void> {
  const { scheduler, isolates, writingEnds } = stage;
  while (scheduler.now < writingEnds) {
    await scheduler.sleep(own.delay(REPORTS_TYPICAL_MS, REPORTS_TAIL_MS));
    const newest = await isolates.read(own.pick(isolates.all), { limit: 50 });
    if (!newest || newest.comments.length === 0) continue;
    const { id } = own.pick(newest.comments);
    const address = `203.0.113.${own.integer(1, REPORTERS)}`;
    for (let times = own.integer(1, 2); times > 0; times -= 1)
      await isolates.report(own.pick(isolates.all), id, address);
  }
}
