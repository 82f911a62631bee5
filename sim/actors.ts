/** Those who use the wall: people with a page open, bots, and a bot that marks what it just wrote. */
import { HISTORY_MAX_COMMENTS, WallStore } from "#client/wall-store";
import type { Comment } from "#schema/comment";
import { parseCursor } from "#schema/cursor";
import { CLAIM_MIN_SECONDS, HISTORY_PAGE_MAX } from "#schema/limits";
import type { History } from "./history";
import type { Isolate, Isolates } from "./isolates";
import type { Random } from "./random";
import type { Scheduler } from "./scheduler";
import type { Verdict } from "./violation";

const PAGE_POLL_TYPICAL_MS = 5_000;
const PAGE_POLL_TAIL_MS = 60_000;
const BOT_POLL_TYPICAL_MS = 3_000;
const BOT_POLL_TAIL_MS = 30_000;
const READER_TYPICAL_MS = 15_000;
const READER_TAIL_MS = 60_000;
const READER_PAGES_MAX = 8;
const SEND_TRIES = 8;
const MARKS_AT_ONCE = 5;
const ANSWERS_AT_ONCE = 4;
const CLAIM_SECONDS_MAX = 30;
/** Ten seconds of thought, and calls that the network or the rebuilder keep waiting. */
const ANSWER_MAX_MS = 60_000;
const DEATH_CHANCE = 0.05;
const REMOVAL_TYPICAL_MS = 20_000;
const REMOVAL_TAIL_MS = 60_000;
const REMOVAL_TRIES = 5;

export interface Stage {
  scheduler: Scheduler;
  isolates: Isolates;
  history: History;
  verdict: Verdict;
  guard: (check: () => void) => void;
  /** When nobody writes any more, and when everybody goes home. */
  writingEnds: number;
  worldEnds: number;
}

/** Writes now and then, and sends again, with the same nonce, what was not answered. */
export async function writer(
  { scheduler, isolates, history, writingEnds }: Stage,
  own: Random,
  name: string,
  everyMs: number,
  sent: (comment: Comment, isolate: Isolate) => Promise<void>,
): Promise<void> {
  for (let index = 0; ; index += 1) {
    await scheduler.sleep(own.delay(everyMs, 10 * everyMs));
    if (scheduler.now >= writingEnds) return;
    const nonce = `${name}-message-${index}`;
    const text = `${name} says ${index}`;
    history.sent(nonce, text);
    for (let attempt = 0; attempt < SEND_TRIES; attempt += 1) {
      const isolate = own.pick(isolates.all);
      const comment = await isolates.post(isolate, nonce, text);
      if (comment) {
        await sent(comment, isolate);
        break;
      }
      await scheduler.sleep(own.delay(1_000, 20_000));
    }
  }
}

/** A page: polls, shows its own messages at once, starts anew now and then, or moves to another place. */
export class Page {
  readonly #stage: Stage;
  readonly #own: Random;
  readonly #name: string;
  #store = new WallStore();
  #isolate: Isolate;
  #cursor: string | null = null;
  /** The ids that it last held, by nonce. */
  #held = new Map<string, string>();
  readonly #confirmed = new Set<string>();

  constructor(stage: Stage, own: Random, name: string) {
    this.#stage = stage;
    this.#own = own;
    this.#name = name;
    this.#isolate = own.pick(stage.isolates.all);
  }

  confirm(comment: Comment): void {
    this.#confirmed.add(comment.id);
    this.#store.confirm(comment);
  }

  async poll(): Promise<void> {
    const { scheduler, isolates, guard, worldEnds } = this.#stage;
    const own = this.#own;
    while (scheduler.now < worldEnds) {
      await scheduler.sleep(own.delay(PAGE_POLL_TYPICAL_MS, PAGE_POLL_TAIL_MS));
      if (own.chance(0.02)) this.#reload();
      if (own.chance(0.1)) this.#isolate = own.pick(isolates.all);
      // Now and then two polls overlap, as with a tab that came back.
      if (own.chance(0.3)) void this.#ask(own.pick(isolates.all));
      await this.#ask(this.#isolate);
      guard(() => this.#check());
    }
  }

  async #ask(isolate: Isolate): Promise<void> {
    const store = this.#store;
    for (let again = true; again; ) {
      const query = store.query();
      const answer = await this.#stage.isolates.read(isolate, query);
      again = answer !== null && store.accept(answer, query);
      if (store === this.#store) this.#stage.guard(() => this.#checkCursor());
    }
  }

  #reload(): void {
    this.#store = new WallStore();
    this.#cursor = null;
    this.#held = new Map();
  }

  #checkCursor(): void {
    const before = parseCursor(this.#cursor ?? "");
    this.#cursor = this.#store.cursor;
    const now = parseCursor(this.#cursor ?? "");
    const isBack = now && before?.store === now.store && now.sequence < before.sequence;
    const name = this.#name;
    this.#stage.verdict.expect(10, !isBack, () => `${name}'s cursor went back`, name);
  }

  #check(): void {
    const { verdict, history } = this.#stage;
    const name = this.#name;
    const { comments } = this.#store.snapshot();
    history.expectOrder(name, comments);
    const held = new Map(comments.map(({ id, nonce = "" }) => [nonce, id]));
    verdict.looked(4);
    // A full page lets its oldest go.
    if (comments.length >= HISTORY_MAX_COMMENTS) this.#held.clear();
    // Of a message with two ids it may have held the one that was merged away, and the other may be
    // older than all that it was ever told of.
    for (const [nonce, id] of this.#held)
      if (!held.has(nonce) && !history.wasRemoved(id))
        verdict.fail(4, `${name} no longer holds ${nonce}`, name, nonce, id);
    this.#held = held;
    const now = parseCursor(this.#store.cursor ?? "");
    if (now) history.expectNewest(name, now, comments, this.#confirmed);
  }
}

/** Reads on into the past for some pages, then begins anew. */
export async function reader({ scheduler, isolates, worldEnds }: Stage, own: Random) {
  while (scheduler.now < worldEnds) {
    await scheduler.sleep(own.delay(READER_TYPICAL_MS, READER_TAIL_MS));
    const newest = await isolates.read(own.pick(isolates.all));
    let before = newest?.comments.at(-1)?.id ?? null;
    for (let asked = own.integer(1, READER_PAGES_MAX); before && asked > 0; asked -= 1) {
      const limit = own.integer(1, HISTORY_PAGE_MAX);
      const page = await isolates.history(own.pick(isolates.all), before, limit);
      if (page) before = page.nextBefore ?? null;
      else await scheduler.sleep(own.delay(1_000, 10_000));
    }
  }
}

/** Marks what it has not marked in this life; lives end without notice. */
export async function bot(stage: Stage, own: Random): Promise<void> {
  const { scheduler, isolates, worldEnds } = stage;
  let done = new Set<string>();
  while (scheduler.now < worldEnds) {
    await scheduler.sleep(own.delay(BOT_POLL_TYPICAL_MS, BOT_POLL_TAIL_MS));
    if (own.chance(0.02)) done = new Set();
    const isolate = own.pick(isolates.all);
    const limit = own.pick([5, 50, 500]);
    const answer = await isolates.read(isolate, { limit });
    const open = (answer?.comments ?? []).filter(
      ({ id, botParams }) => botParams.processed === false && !done.has(id),
    );
    for (const { id } of open.slice(-MARKS_AT_ONCE))
      if (await isolates.patch(isolate, id)) {
        done.add(id);
        // It looks at once whether the mark is there, as a careful bot would.
        if (own.chance(0.3)) void isolates.find(own.pick(isolates.all), id);
      }
  }
}

/** Takes down what it sees, now and then something of long ago, and goes on until it is told that it is done. */
export async function moderator(stage: Stage, own: Random): Promise<void> {
  const { scheduler, isolates, writingEnds } = stage;
  while (scheduler.now < writingEnds) {
    await scheduler.sleep(own.delay(REMOVAL_TYPICAL_MS, REMOVAL_TAIL_MS));
    const newest = await isolates.read(own.pick(isolates.all), { limit: own.pick([3, 50, 500]) });
    let seen = newest?.comments ?? [];
    const last = seen.at(-1);
    if (last && own.chance(0.3)) {
      const past = await isolates.history(own.pick(isolates.all), last.id, HISTORY_PAGE_MAX);
      if (past && past.comments.length > 0) seen = past.comments;
    }
    if (seen.length > 0) await remove(stage, own, own.pick(seen).id);
  }
}

/** Asks for a removal until it is done, or patience ends. */
export async function remove({ scheduler, isolates }: Stage, own: Random, id: string) {
  for (let tries = 0; tries < REMOVAL_TRIES; tries += 1) {
    if (await isolates.remove(own.pick(isolates.all), id)) return;
    await scheduler.sleep(own.delay(1_000, 10_000));
  }
}

/**
 * Takes what is pending, claims it, answers it, marks it; now and then it gives a comment back, and
 * its process ends between any two of its steps.
 */
export async function answerer(
  { scheduler, isolates, worldEnds }: Stage,
  own: Random,
  name: string,
): Promise<void> {
  // What it begins is ended, and answered, before everybody goes home.
  const goesHome = worldEnds - ANSWER_MAX_MS;
  for (let life = 0; scheduler.now < goesHome; ) {
    await scheduler.sleep(own.delay(BOT_POLL_TYPICAL_MS, BOT_POLL_TAIL_MS));
    const bot = `${name}-${life}`;
    const isolate = own.pick(isolates.all);
    const open = await isolates.pending(isolate, own.integer(1, 50));
    for (const { id } of open.slice(0, own.integer(1, ANSWERS_AT_ONCE))) {
      if (scheduler.now >= goesHome) return;
      if (await answer(id, bot, isolate)) continue;
      life += 1;
      break;
    }
  }

  /** Whether the process lives on. */
  async function answer(id: string, bot: string, isolate: Isolate): Promise<boolean> {
    const seconds = own.integer(CLAIM_MIN_SECONDS, CLAIM_SECONDS_MAX);
    const claimed = await isolates.claim(isolate, id, bot, seconds);
    if (own.chance(DEATH_CHANCE)) return false;
    if (!claimed) return true;
    if (own.chance(0.1)) {
      await isolates.release(own.pick(isolates.all), id, bot);
      return true;
    }
    await scheduler.sleep(own.delay(500, 10_000));
    const reply = await isolates.reply(own.pick(isolates.all), claimed);
    if (own.chance(DEATH_CHANCE)) return false;
    if (reply) await isolates.patch(own.pick(isolates.all), claimed.id);
    return !own.chance(DEATH_CHANCE);
  }
}
