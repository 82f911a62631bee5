/** The users of the wall: people with a page open, readers of the past, bots, and moderators. */
import { WallStore } from "#client/wall/wall-store";
import type { Comment } from "#schema/comment";
import { timestampOf } from "#schema/id";
import { CLAIM_MIN_SECONDS, HISTORY_PAGE_MAX, NONCE_LIFETIME_MS } from "#schema/limits";
import type { Moderation, Undone } from "#schema/moderation";
import type { Random } from "../scripts/command/random.mjs";
import type { ConductChecker } from "./checks/conduct";
import type { History } from "./checks/history";
import type { Isolate } from "./checks/isolate-checks";
import { PageChecks } from "./checks/page-checks";
import type { RemovalChecker } from "./checks/removals";
import type { SenderBook } from "./checks/senders";
import type { Verdict } from "./checks/violation";
import type { Faults } from "./faults";
import type { Isolates } from "./isolates";
import type { Scheduler } from "./platform/scheduler";
import { ENTITIES } from "./secrets";

const PAGE_POLL_TYPICAL_MS = 5_000;
const PAGE_POLL_TAIL_MS = 60_000;
const BOT_POLL_TYPICAL_MS = 3_000;
const BOT_POLL_TAIL_MS = 30_000;
const READER_TYPICAL_MS = 15_000;
const READER_TAIL_MS = 60_000;
const READER_PAGES_MAX = 8;
const SEND_TRIES = 8;
/** Delay until a browser resends a message that it kept, well within the day of its nonce. */
const AGAIN_MIN_MS = 10_000;
const AGAIN_MAX_MS = Math.min(60_000, 0.6 * NONCE_LIFETIME_MS);
/** More than retries and clocks can be apart. */
const DAY_MARGIN_MS = 25_000;
const TAKEN_BACK_MIN_MS = 2_000;
const TAKEN_BACK_MAX_MS = 30_000;
/**
 * Wait of a stranger after a removal: a client that read the message just before may be answered with it for a
 * while.
 */
const STRANGER_WAITS_MS = 6_000;
const STRANGER_TRIES = 6;
const MARKS_AT_ONCE = 5;
const ANSWERS_AT_ONCE = 4;
const CLAIM_SECONDS_MAX = 30;
/** Ten seconds of thinking, plus calls that the network or the rebuilder delay. */
const ANSWER_MAX_MS = 60_000;
const STRANGER = "removed message's nonce sent by a stranger";
const UNDO = "removal undone";
const DEATH_CHANCE = 0.05;
const REMOVAL_TYPICAL_MS = 20_000;
const REMOVAL_TAIL_MS = 60_000;
const REMOVAL_TRIES = 5;
const CROWD_PAGES = 30;
const CROWD_POLL_MS = 1_000;
const CROWD_FOR_MS = 12_000;

export interface Stage {
  /** The age of the oldest message that an admin imports or brings back, in ms. */
  addedAgeMaxMs: number;
  scheduler: Scheduler;
  isolates: Isolates;
  faults: Faults;
  history: History;
  removals: RemovalChecker;
  senders: SenderBook;
  conduct: ConductChecker;
  /** Whether the object has durably recorded who sent a message. */
  isSenderRecorded: (id: string) => boolean;
  verdict: Verdict;
  guard: (check: () => void) => void;
  /** When writing ends, and when the actors stop. */
  writingEnds: number;
  worldEnds: number;
}

/** Posts messages now and then, and resends unanswered ones with the same nonce. */
export async function writer(
  { scheduler, isolates, faults, history, senders, writingEnds }: Stage,
  own: Random,
  name: string,
  everyMs: number,
  sent: (comment: Comment, isolate: Isolate) => Promise<void>,
  post: Isolates["post"] = (...args) => isolates.post(...args),
): Promise<void> {
  for (let index = 0; ; index += 1) {
    await scheduler.sleep(own.delay(everyMs, 10 * everyMs));
    if (scheduler.now >= writingEnds) return;
    const nonce = `${name}-message-${index}`;
    const text = `${name} says ${index}`;
    history.sent(nonce, text);
    senders.sent(name, nonce);
    const patience = scheduler.now + NONCE_LIFETIME_MS / 2;
    for (let attempt = 0; attempt < SEND_TRIES && scheduler.now < patience; attempt += 1) {
      const isolate = own.pick(isolates.all);
      const comment = await post(isolate, nonce, text);
      if (comment) {
        await sent(comment, isolate);
        if (faults.happens("nonce sent again late"))
          scheduler.after(own.integer(AGAIN_MIN_MS, AGAIN_MAX_MS), () => {
            if (scheduler.now < writingEnds)
              void isolates.post(own.pick(isolates.all), nonce, text);
          });
        break;
      }
      await scheduler.sleep(own.delay(1_000, 20_000));
    }
  }
}

/**
 * Posts a message under the same nonce each day, and sometimes resends it after the message of the day before was
 * marked.
 */
export async function daily(stage: Stage, own: Random, name: string): Promise<void> {
  const { scheduler, isolates, faults, history, writingEnds } = stage;
  const nonce = `daily-${name}`;
  let yesterday: Comment | null = null;
  for (let day = 0; ; day += 1) {
    const text = `${name} on day ${day}`;
    history.sent(nonce, text);
    const send = async () => {
      for (let attempt = 0; attempt < SEND_TRIES; attempt += 1) {
        const comment = await isolates.post(own.pick(isolates.all), nonce, text);
        if (comment) return comment;
        await scheduler.sleep(own.delay(500, 2_000));
      }
      return null;
    };
    const today = await send();
    if (yesterday) await isolates.patch(own.pick(isolates.all), yesterday.id);
    if (today && own.chance(0.5)) await send();
    yesterday = today;
    await scheduler.sleep(NONCE_LIFETIME_MS + own.integer(DAY_MARGIN_MS, 2 * DAY_MARGIN_MS));
    if (scheduler.now >= writingEnds || !faults.happens("nonce sent again a day later")) return;
  }
}

/**
 * Posts messages that no bot takes, so that they stay pending until the end: one for nobody, then one for each bot that
 * messages are addressed to.
 */
export async function lonely({ scheduler, isolates, history }: Stage, own: Random, at: number) {
  await scheduler.sleep(at - scheduler.now);
  for (const name of ["nobody", ...ENTITIES]) {
    const [nonce, text] = [`daily-${name}`, `${name} answers`];
    history.sent(nonce, text);
    for (let attempt = 0; attempt < SEND_TRIES; attempt += 1)
      if (await isolates.post(own.pick(isolates.all), nonce, text)) break;
  }
}

/**
 * The messages that bots skip: one suffix may stand for a message of each day, so the checks could not tell whether
 * both were answered.
 */
function isLeftAlone(nonce = ""): boolean {
  return nonce.startsWith("daily-");
}

/** A page: polls, shows its own messages at once, and sometimes reloads or moves to another place. */
export class Page {
  readonly #stage: Stage;
  readonly #own: Random;
  readonly #checks: PageChecks;
  #store = new WallStore();
  #isolate: Isolate;

  constructor(stage: Stage, own: Random, name: string) {
    this.#stage = stage;
    this.#own = own;
    this.#checks = new PageChecks(stage, name, this.#store);
    this.#isolate = own.pick(stage.isolates.all);
  }

  confirm(comment: Comment): void {
    this.#checks.confirmed.add(comment.id);
    this.#store.confirm(comment);
  }

  async follow(): Promise<void> {
    const { scheduler, isolates, guard, worldEnds } = this.#stage;
    const own = this.#own;
    while (scheduler.now < worldEnds) {
      await scheduler.sleep(own.delay(PAGE_POLL_TYPICAL_MS, PAGE_POLL_TAIL_MS));
      if (own.chance(0.02)) this.#reload();
      if (own.chance(0.1)) this.#isolate = own.pick(isolates.all);
      // Sometimes two polls overlap, as with a tab that came back.
      if (own.chance(0.3)) void this.#ask(own.pick(isolates.all));
      await this.#ask(this.#isolate);
      guard(() => this.#checks.look());
    }
  }

  async #ask(isolate: Isolate): Promise<void> {
    const store = this.#store;
    for (let again = true; again; ) {
      const query = store.query();
      const answer = await this.#stage.isolates.read(isolate, query);
      again = answer !== null && store.accept(answer, query);
      if (store === this.#store) this.#stage.guard(() => this.#checks.cursor());
    }
  }

  #reload(): void {
    this.#store = new WallStore();
    this.#checks.reload(this.#store);
  }
}

/** Reads some pages of the past, then starts over. */
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

/** Marks the messages that it has not marked since it last crashed; it may crash at any time. */
export async function bot(stage: Stage, own: Random): Promise<void> {
  const { scheduler, isolates, faults, writingEnds, worldEnds } = stage;
  let done = new Set<string>();
  while (scheduler.now < worldEnds) {
    await scheduler.sleep(own.delay(BOT_POLL_TYPICAL_MS, BOT_POLL_TAIL_MS));
    if (own.chance(0.02)) done = new Set();
    const isolate = own.pick(isolates.all);
    const limit = own.pick([5, 50, 500]);
    const answer = await isolates.read(isolate, { limit });
    const open = (answer?.comments ?? []).filter(
      ({ id, nonce, botParams }) =>
        botParams.processed === false && !done.has(id) && !isLeftAlone(nonce),
    );
    for (const { id } of open.slice(-MARKS_AT_ONCE))
      if (await isolates.patch(isolate, id)) {
        done.add(id);
        // Look at once whether the mark is there, as a careful bot would.
        if (own.chance(0.3)) void isolates.find(own.pick(isolates.all), id);
        if (faults.happens("flag taken back"))
          scheduler.after(own.integer(TAKEN_BACK_MIN_MS, TAKEN_BACK_MAX_MS), () => {
            if (scheduler.now < writingEnds) void isolates.patch(own.pick(isolates.all), id, false);
          });
      }
  }
}

/** Removes messages that it sees, sometimes old ones, and retries each removal until it is confirmed. */
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
    if (seen.length > 0) await remove(stage, own, own.pick(seen));
  }
}

/** Retries a removal until it is confirmed or the tries run out. After that a stranger may send the message's nonce. */
export async function remove(stage: Stage, own: Random, comment: Comment) {
  const { scheduler, isolates, faults, removals, addedAgeMaxMs } = stage;
  const mayReturn = scheduler.now - comment.timestamp <= addedAgeMaxMs;
  for (let tries = 0; tries < REMOVAL_TRIES; tries += 1) {
    if (await isolates.remove(own.pick(isolates.all), comment.id)) {
      if (mayReturn && faults.happens(UNDO)) void undo(stage, own, comment.id);
      else if (comment.type === "human" && faults.happens(STRANGER))
        if (removals.letsStranger(comment.id)) void stranger(stage, own, comment);
      return;
    }
    await scheduler.sleep(own.delay(1_000, 10_000));
  }
}

/** Undoes a removal, some time later and at any isolate, unless that fails. */
async function undo({ scheduler, isolates, removals }: Stage, own: Random, id: string) {
  await scheduler.sleep(own.delay(REMOVAL_TYPICAL_MS, REMOVAL_TAIL_MS));
  const read = await isolates.admin(own.pick(isolates.all), "offers", (service, caller) =>
    service.admin.moderation(caller),
  );
  const { audit = [], undo: offers = [] } = read?.ok ? (read.value as Moderation) : {};
  const isOfIt = (entry: number) => audit.some((each) => each.id === entry && each.target === id);
  const offer = offers.find((each) => isOfIt(each.id));
  if (!offer || !removals.undoing(id)) return;
  const undone = await isolates.admin(own.pick(isolates.all), `undo ${id}`, (service, caller) =>
    service.admin.undoRemoval(caller, String(offer.id)),
  );
  if (undone?.ok && (undone.value as Undone).done) removals.undone(id);
}

/** Sends its own text under a nonce that every reader could see, from any isolate. */
async function stranger(stage: Stage, own: Random, { id, nonce }: Comment): Promise<void> {
  const { scheduler, isolates, history, writingEnds } = stage;
  await scheduler.sleep(own.integer(STRANGER_WAITS_MS, 3 * STRANGER_WAITS_MS));
  const isSameDay = scheduler.now - timestampOf(id) < NONCE_LIFETIME_MS / 2;
  if (!nonce || !isSameDay || scheduler.now >= writingEnds) return;
  for (let tries = 0; tries < STRANGER_TRIES; tries += 1) {
    const text = `a stranger has read ${nonce} ${tries}`;
    history.sent(nonce, text);
    await isolates.post(own.pick(isolates.all), nonce, text);
  }
}

/**
 * Takes pending comments, claims, answers and marks them. Sometimes it releases a comment, and its process may end
 * between any two steps. With an entity it takes what is for it, and sometimes what is for nobody.
 */
export async function answerer(
  { scheduler, isolates, worldEnds }: Stage,
  own: Random,
  name: string,
  entity?: string,
): Promise<void> {
  // Answers that it begins are finished before the world ends.
  const goesHome = worldEnds - ANSWER_MAX_MS;
  for (let life = 0; scheduler.now < goesHome; ) {
    await scheduler.sleep(own.delay(BOT_POLL_TYPICAL_MS, BOT_POLL_TAIL_MS));
    const bot = `${name}-${life}`;
    const isolate = own.pick(isolates.all);
    const addressed = entity !== undefined && own.chance(0.5) && { addressed: true as const };
    const asked = { ...(entity !== undefined && { entity }), ...addressed };
    const open = await isolates.pending(isolate, own.integer(1, 50), asked);
    const single = open.filter(({ nonce }) => !isLeftAlone(nonce));
    for (const { id } of single.slice(0, own.integer(1, ANSWERS_AT_ONCE))) {
      if (scheduler.now >= goesHome) return;
      if (await answer(id, bot, isolate)) continue;
      life += 1;
      break;
    }
  }

  /** Returns whether the process lives on. */
  async function answer(id: string, bot: string, isolate: Isolate): Promise<boolean> {
    const seconds = own.integer(CLAIM_MIN_SECONDS, CLAIM_SECONDS_MAX);
    const claimed = await isolates.claim(isolate, id, bot, { seconds, name: entity });
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

/** Many pages at one place for a while, each with its own cursor. */
export async function crowd({ scheduler, isolates }: Stage, own: Random): Promise<void> {
  const { location } = own.pick(isolates.all);
  const here = isolates.all.filter((isolate) => isolate.location === location);
  const ends = scheduler.now + CROWD_FOR_MS;
  const page = async () => {
    let since: string | undefined;
    while (scheduler.now < ends) {
      await scheduler.sleep(own.delay(CROWD_POLL_MS, 2 * CROWD_POLL_MS));
      const read = await isolates.read(own.pick(here), since ? { since } : {});
      if (read) since = read.gap ? undefined : read.cursor;
    }
  };
  await Promise.all(Array.from({ length: CROWD_PAGES }, page));
}
