/** Everyone who uses the wall in a simulated world. */
import type { Comment } from "#schema/comment";
import { NONCE_LIFETIME_MS, WINDOW_SIZE } from "#schema/limits";
import type { Random } from "../scripts/command/random.mjs";
import {
  answerer,
  bot,
  crowd,
  daily,
  lonely,
  moderator,
  Page,
  reader,
  remove,
  type Stage,
  writer,
} from "./actors";
import { admins } from "./admins";
import { reporter, takeDown } from "./authors";
import type { Isolate } from "./checks/isolate-checks";
import { addressOf } from "./isolates";
import { LivePage, type LivePageStage } from "./live-page";
import { ENTITIES } from "./secrets";

const WRITERS = 4;
/** Writers, and further readers, whose pages follow the live channel. */
const LIVE_WRITERS = 1;
const LIVE_READERS = 1;
const BOTS = 2;
const ANSWERERS = 3;
const REMOVED_AT_ONCE_CHANCE = 0.02;
const CROWDS_TYPICAL_MS = 20_000;
const CROWDS_TAIL_MS = 60_000;
/** In small worlds a day takes minutes. */
export const IS_SMALL = NONCE_LIFETIME_MS < 60 * 60_000;

/**
 * Interval at which each writer posts, in ms. The shortest makes about 1,000 messages a minute in all, a list's
 * worth of keys, and does so in small worlds as well.
 */
const PACES_MS =
  WINDOW_SIZE >= 500 ? [250, 1_000, 2_000, 2_000, 5_000, 5_000, 10_000, 10_000] : [6_000, 20_000];

/** Starts writers, pages, bots and admins; each runs until the world, or its part of it, ends. Crowds come until `until`. */
export function cast(stage: LivePageStage, random: Random, until: number): Promise<void>[] {
  const { isolates } = stage;
  const livePage = (name: string, person: string) =>
    new LivePage(stage, random.fork(), name, addressOf(person));
  const busyMs = random.pick(PACES_MS);
  const actors = Array.from({ length: WRITERS }, (_, n) => {
    const name = `person-${n}`;
    const follower = n < LIVE_WRITERS ? livePage(`live-${name}`, name) : null;
    const page = follower ?? new Page(stage, random.fork(), `page-${n}`);
    const marks = random.fork();
    const authors = random.fork();
    const sent = async (comment: Comment, isolate: Isolate) => {
      page.confirm(comment);
      // A bot may mark a message the moment it was acknowledged.
      if (marks.chance(0.1))
        void isolates.patch(marks.pick([isolate, marks.pick(isolates.all)]), comment.id);
      // Or an admin may remove it.
      if (marks.chance(REMOVED_AT_ONCE_CHANCE)) void remove(stage, marks, comment);
      void takeDown(stage, authors, comment);
    };
    const post = follower
      ? (_: Isolate, nonce: string, text: string) => follower.post(nonce, text)
      : undefined;
    const writing = writer(stage, random.fork(), name, busyMs, sent, post);
    return [writing, page.follow()];
  }).flat();
  for (let index = 0; index < LIVE_READERS; index += 1)
    actors.push(livePage(`live-reader-${index}`, `reader-${index}`).follow());
  for (let index = 0; index < BOTS; index += 1) actors.push(bot(stage, random.fork()));
  for (let index = 0; index < ANSWERERS; index += 1)
    actors.push(answerer(stage, random.fork(), `answerer-${index}`, ENTITIES[index]));
  actors.push(reader(stage, random.fork()), moderator(stage, random.fork()));
  actors.push(admins(stage, random.fork()), crowds(stage, random.fork(), until));
  actors.push(reporter(stage, random.fork()));
  if (IS_SMALL) actors.push(daily(stage, random.fork(), "person-5"));
  actors.push(lonely(stage, random.fork(), stage.writingEnds));
  return actors;
}

async function crowds(stage: Stage, own: Random, until: number): Promise<void> {
  const { scheduler, faults } = stage;
  while (scheduler.now < until) {
    await scheduler.sleep(own.delay(CROWDS_TYPICAL_MS, CROWDS_TAIL_MS));
    if (scheduler.now < until && faults.happens("crowd at one place")) await crowd(stage, own);
  }
}
