/** The entrypoints at several places: what a client's request runs in, and what its answer must keep. */
import type { Comment } from "#schema/comment";
import { parseCursor } from "#schema/cursor";
import { suffixFromBytes, suffixOf, timestampOf } from "#schema/id";
import { CLOCK_SKEW_MS } from "#schema/limits";
import { parsePlace } from "#schema/place";
import { type Outcome, success } from "#schema/problem";
import type { Read } from "#schema/read";
import type { Caller } from "#schema/rpc";
import type { Accepted } from "#worker/contract/answers";
import { callsBy, type WriterCalls } from "#worker/contract/writer-calls";
import { Replica } from "#worker/entrypoint/replica/replica";
import { CommentsService } from "#worker/entrypoint/service";
import { suffixes } from "#worker/entrypoint/suffix";
import type { LedgerKind } from "#worker/ledger/kind";
import { KvLedger } from "#worker/ledger/kv";
import type { Clock } from "#worker/platform/clock";
import { Operations } from "#worker/platform/operations";
import type { Random } from "../scripts/command/random.mjs";
import type { ClaimChecker } from "./claims";
import type { Faults } from "./faults";
import type { History } from "./history";
import type { Invocation, SimKv } from "./kv";
import type { PastChecker } from "./past";
import type { RemovalChecker } from "./removals";
import type { Scheduler } from "./scheduler";
import type { Trace } from "./trace";
import type { Verdict } from "./violation";

export const BOT_TOKEN = "simulated-bot-token-0123456789";
const ADMIN_TOKEN = "simulated-admin-token-0123456789";

const ISOLATES_MAX = 6;
const SKEW_MAX_MS = 2_000;
/** A read that is not answered by then hangs: twice the rebuilder's time to answer, and KV's slowest. */
const READ_HANGS_MS = 20_000;
const CLIENT_LEAVES_MAX_MS = 300;
/** Invariant 2: what the rebuilder answered is in every read this much later. */
const READ_AGE_MAX_MS = 1_000;
/** While a question of a location takes longer than the one, its reads may be as old as the other. */
const QUICK_MS = 500;
const SLOW_READ_AGE_MAX_MS = 3_000;
/** A slow or lost question has no effect after this long. */
const QUESTION_MATTERS_MS = 6_000;
/** A pause is known everywhere by then, and so is a removal: an isolate asks every 10 s at the least. */
const HEARD_BY_MS = 12_000;
/** An answer that was on its way when a removal was acknowledged may still tell of the message. */
const TOLD_GRACE_MS = 5_000;
/** A request other than a read waits for the rebuilder, or for KV, several times. */
const REQUEST_HANGS_MS = 30_000;
/** An object that refused as overloaded is not asked again for the same request within this. */
const OVERLOADED_MS = 1_000;
/** The rebuilder counts as away this long after it failed a question, whose request may have waited for it. */
const AWAY_MS = 15_000;
/** A call of the rebuilder that is not answered by then has failed. */
const CALL_FAILED_MS = 2_500;
/** After a clock stepped, ages that were measured across the step are off by as much. */
const CLOCK_SETTLES_MS = 10_000;

export interface Isolate {
  name: string;
  location: string;
  replica: Replica;
  /** The store and sequence it served last. */
  served?: { store: string; sequence: number };
  /** When the last request came that was answered afresh; 0 before any. */
  freshAt: number;
}

type Call = (...args: readonly unknown[]) => Promise<unknown>;

interface IsolatesParts {
  scheduler: Scheduler;
  random: Random;
  faults: Faults;
  kv: SimKv;
  writer: (place: string) => WriterCalls;
  locations: readonly string[];
  wall: string;
  ledger: LedgerKind;
  history: History;
  past: PastChecker;
  claims: ClaimChecker;
  removals: RemovalChecker;
  verdict: Verdict;
  trace: Trace | null;
  /** Runs a check; a violation ends the world. */
  guard: (check: () => void) => void;
}

/** One request: when its client leaves, nothing that it waited for ever comes. */
interface Request extends Invocation {
  left: boolean;
  /** It found the rebuilder away, or known to be, so it may have asked for the spare. */
  foundAway: boolean;
  /** When the object refused it as overloaded, by call. */
  overloadedAt: Map<string, number>;
  /** Its last question to the rebuilder. */
  question?: Asked;
}

/** A question to the rebuilder from one location. Both tries of a call are one question. */
interface Asked {
  from: string;
  at: number;
  /** Absent while it is open, and where the isolates of this place were not told of an answer: it is lost. */
  answeredAt?: number | undefined;
  /** Tries so far. */
  tries: number;
  /** The platform says that another try may help, and this was the first. */
  isTriedAgain: boolean;
}

function newRequest(): Request {
  return { operations: 0, shortLists: 0, left: false, foundAway: false, overloadedAt: new Map() };
}

export class Isolates {
  readonly all: Isolate[];
  readonly #parts: IsolatesParts;
  readonly #skews: Map<string, number>;
  readonly #steppedAt = new Map<string, number>();
  readonly #shared = new Map<string, { text: string; until: number }>();
  #questions: Asked[] = [];
  /** The questions of each place that are not answered, by when they began. */
  readonly #open = new Map<string, Set<{ began: number }>>();
  /** When a question of each place failed last. */
  readonly #failedAt = new Map<string, number>();
  /** Since when posting is paused for certain; `null` where it is not. */
  #pausedAt: number | null = null;
  reads = 0;

  constructor(parts: IsolatesParts) {
    this.#parts = parts;
    const { random, locations } = parts;
    this.#skews = new Map(
      locations.map((place) => [place, random.integer(-SKEW_MAX_MS, SKEW_MAX_MS)]),
    );
    this.all = locations.flatMap((location) =>
      Array.from({ length: random.integer(1, ISOLATES_MAX) }, (_, n) => ({
        name: `${location}-${n}`,
        location,
        replica: new Replica(),
        freshAt: 0,
      })),
    );
  }

  restart(isolate: Isolate): void {
    isolate.replica = new Replica();
    isolate.freshAt = 0;
    delete isolate.served;
  }

  stepClock(location: string): void {
    const { random, scheduler } = this.#parts;
    this.#skews.set(location, random.integer(-SKEW_MAX_MS, SKEW_MAX_MS));
    this.#steppedAt.set(location, scheduler.now);
  }

  /** Sets the clocks of a place far ahead. */
  runAhead(location: string, ms: number): void {
    this.#skews.set(location, ms);
    this.#steppedAt.set(location, this.#parts.scheduler.now);
  }

  /** A poll, or a full read without `since`; `null` when no answer came. */
  async read(
    isolate: Isolate,
    query: { since?: string; limit?: number } = {},
  ): Promise<Read | null> {
    const { guard, verdict, scheduler } = this.#parts;
    const since = query.since ? parseCursor(query.since) : null;
    const limit = query.limit ?? 500;
    const startedAt = verdict.now;
    this.reads += 1;
    const request = newRequest();
    const { replica } = isolate;
    const service = this.#service(isolate, request);
    const reading = service.read(since ? { since, limit } : { limit });
    let answered = false;
    scheduler.after(READ_HANGS_MS, () => {
      const words = () => `a read at ${isolate.name} hangs`;
      guard(() => verdict.expect(2, answered, words, isolate.name));
    });
    const outcome = await this.#unlessLeft(request, reading);
    answered = true;
    if (!outcome?.ok || !outcome.value.body) return null;
    const read = parseRead(outcome.value.body);
    guard(() =>
      this.#expectRead(isolate, replica, read, { startedAt, limit, request, isFull: !since }),
    );
    return read;
  }

  /** A page of the past; `null` when no answer came. */
  async history(isolate: Isolate, before: string, limit: number): Promise<Read | null> {
    const { guard, verdict, past, trace } = this.#parts;
    const place = parsePlace(before);
    if (!place) throw new Error(`no place: ${before}`);
    const startedAt = verdict.now;
    this.reads += 1;
    const request = newRequest();
    const reading = this.#service(isolate, request).history({}, { before: place, limit });
    const outcome = await this.#unlessLeft(request, reading);
    trace?.add(
      `past before ${before} at ${isolate.name}: ${told(outcome, ({ body }) => idsIn(body))}`,
    );
    if (!outcome?.ok) return null;
    const read = parseRead(outcome.value.body);
    const { operations } = request;
    guard(() => past.page(isolate.name, read, { before: place, limit, startedAt, operations }));
    return read;
  }

  /** `null` when the client left before the answer, or lost it. */
  async post(isolate: Isolate, nonce: string, text: string): Promise<Comment | null> {
    const { faults, guard, history, removals, trace, verdict } = this.#parts;
    const startedAt = verdict.now;
    const { freshAt } = isolate;
    const request = newRequest();
    const address = { address: addressOf(nonce) };
    const posting = this.#service(isolate, request).post(address, { text, nonce });
    const outcome = await this.#unlessLeft(request, posting);
    trace?.add(`POST ${nonce} at ${isolate.name}: ${told(outcome, (value) => value.comment.id)}`);
    if (!outcome?.ok) return null;
    const { comment, created } = outcome.value;
    guard(() => {
      this.#expectOpen(isolate, created, startedAt, freshAt);
      const { text: words } = comment;
      const goneAt = removals.doneAt(comment.id) ?? Number.POSITIVE_INFINITY;
      // The answer may have the words that were sent with this request, or by a stranger since the removal.
      const mayBeRead = words === text || isStrange(words);
      const isTold = !mayBeRead && goneAt < Math.min(startedAt, freshAt) - TOLD_GRACE_MS;
      const say = () => `${comment.id} was taken down and is told to who sends its nonce`;
      verdict.expect(13, !isTold, say, comment.id);
    });
    if (faults.happens("answer to a client lost")) return null;
    // The author of a removed message may get the text that a stranger sent under its nonce since.
    const isStrangers = isStrange(text) || isStrange(comment.text);
    if (!isStrangers || removals.doneAt(comment.id) === undefined)
      guard(() => history.acknowledged(comment, text));
    return comment;
  }

  /** Which of the two a pause has done: it was acknowledged to an admin, or taken back. */
  paused(at: number | null): void {
    this.#pausedAt = at;
  }

  /** The single writer took a message, or found it; it was asked at `takenAt`. */
  expectClosed({ isNew, comment }: Accepted, takenAt: number): void {
    const { verdict } = this.#parts;
    const isClosed = this.#pausedAt !== null && takenAt > this.#pausedAt;
    const isRight = !isNew || !isClosed;
    verdict.expect(13, isRight, () => `${comment.id} was taken while posting is paused`);
  }

  /** An isolate that has heard of a pause takes no messages. */
  #expectOpen(isolate: Isolate, created: boolean, startedAt: number, freshAt: number): void {
    const { verdict } = this.#parts;
    const pausedAt = this.#pausedAt;
    if (!created || pausedAt === null) return;
    const hasHeard = freshAt > pausedAt + TOLD_GRACE_MS && startedAt > pausedAt + HEARD_BY_MS;
    const isRight = !hasHeard;
    verdict.expect(13, isRight, () => `${isolate.name} took a message while posting is paused`);
  }

  /** Marks a comment processed, or takes that back. Whether that was acknowledged. */
  async patch(isolate: Isolate, id: string, processed = true): Promise<boolean> {
    const { faults, guard, history, trace, verdict } = this.#parts;
    const request = newRequest();
    const body = { botParams: { processed } };
    const askedAt = verdict.now;
    history.flags.asked(id, processed, askedAt);
    const patching = this.#service(isolate, request).patch({ token: BOT_TOKEN }, id, body);
    const outcome = await this.#unlessLeft(request, patching);
    trace?.add(
      `PATCH ${id} ${processed} at ${isolate.name}: ${told(outcome, (value) => value.id)}`,
    );
    if (!outcome) return false;
    const exists = outcome.ok || outcome.problem.status !== 404 || this.#mayBeUnknown(id);
    guard(() => verdict.expect(5, exists, () => `PATCH of ${id} answered 404`, id));
    if (!outcome.ok || faults.happens("answer to a client lost")) return false;
    history.flags.acknowledged(outcome.value.id, processed, askedAt, verdict.now);
    return true;
  }

  /** Takes a comment down. Whether that was acknowledged. */
  async remove(isolate: Isolate, id: string): Promise<boolean> {
    const { faults, guard, removals, trace, verdict } = this.#parts;
    removals.asked(id);
    const request = newRequest();
    const removing = this.#service(isolate, request).remove({ token: ADMIN_TOKEN }, id);
    const outcome = await this.#unlessLeft(request, removing);
    trace?.add(`DELETE ${id} at ${isolate.name}: ${told(outcome, () => "done")}`);
    if (!outcome) return false;
    const exists = outcome.ok || outcome.problem.status !== 404 || this.#mayBeUnknown(id);
    guard(() => verdict.expect(13, exists, () => `DELETE of ${id} answered 404`, id));
    if (!outcome.ok || faults.happens("answer to a client lost")) return false;
    removals.done(id);
    return true;
  }

  /** A message that is gone, was let go for want of room, or whose id lies beyond what may still be on its way. */
  #mayBeUnknown(id: string): boolean {
    const { history, removals, scheduler } = this.#parts;
    const isFuture = timestampOf(id) > scheduler.now + CLOCK_SKEW_MS - SKEW_MAX_MS;
    return removals.mayBeGone(id) || history.wasDropped(id) || isFuture;
  }

  /** Takes down all that one sender sent on the day of this message. Whether all of that was acknowledged. */
  async removeSender(isolate: Isolate, id: string): Promise<boolean> {
    const { faults, trace } = this.#parts;
    const request = newRequest();
    const asking = this.#service(isolate, request).removeSender(
      { token: ADMIN_TOKEN },
      { sentLike: id },
    );
    const outcome = await this.#unlessLeft(request, asking);
    const count = told(outcome, ({ removed, done }) => `${removed}${done ? "" : " so far"}`);
    trace?.add(`all like ${id} removed at ${isolate.name}: ${count}`, { always: true });
    return !!outcome?.ok && !!outcome.value.done && !faults.happens("answer to a client lost");
  }

  /** Whether an admin's request was done. */
  async admin(
    isolate: Isolate,
    words: string,
    ask: (service: CommentsService, caller: Caller) => Promise<Outcome<unknown>>,
  ): Promise<Outcome<unknown> | null> {
    const { faults, trace } = this.#parts;
    const request = newRequest();
    const asking = ask(this.#service(isolate, request), { token: ADMIN_TOKEN });
    const outcome = await this.#unlessLeft(request, asking);
    trace?.add(`${words} at ${isolate.name}: ${told(outcome, (value) => JSON.stringify(value))}`, {
      always: true,
    });
    return faults.happens("answer to a client lost") ? null : outcome;
  }

  /** The pending messages; none if no answer came. */
  async pending(isolate: Isolate, limit: number): Promise<Comment[]> {
    const { guard, verdict, claims } = this.#parts;
    const startedAt = verdict.now;
    const request = newRequest();
    const reading = this.#service(isolate, request).pending({ pending: true, limit });
    const outcome = await this.#unlessLeft(request, reading);
    if (!outcome?.ok) return [];
    const { comments } = parseRead(outcome.value.body);
    guard(() => {
      claims.pending(comments, startedAt);
      const { operations } = request;
      verdict.expect(9, operations === 0, () => `pending used ${operations} ledger operations`);
    });
    return comments;
  }

  /** The claimed comment; `null` when it was refused or no answer came. */
  async claim(isolate: Isolate, id: string, bot: string, seconds: number): Promise<Comment | null> {
    const body = { bot, seconds };
    return this.#botCall(isolate, id, `claim ${id} by ${bot}`, (service) =>
      service.claim({ token: BOT_TOKEN }, id, body),
    );
  }

  async release(isolate: Isolate, id: string, bot: string): Promise<void> {
    await this.#botCall(isolate, id, `release ${id} by ${bot}`, (service) =>
      service.release({ token: BOT_TOKEN }, id, { bot }),
    );
  }

  /** A bot's answer to a message, once for each however often it is tried. */
  async reply(isolate: Isolate, { id: replyTo }: Comment): Promise<Comment | null> {
    const { guard, history } = this.#parts;
    const nonce = `reply-${suffixOf(replyTo)}`;
    const text = `an answer to ${suffixOf(replyTo)}`;
    history.sent(nonce, text);
    const draft = { text, nonce, type: "bot", replyTo };
    const posted = await this.#botCall(isolate, replyTo, `reply to ${replyTo}`, async (service) => {
      const outcome = await service.post({ token: BOT_TOKEN }, draft);
      return outcome.ok ? success(outcome.value.comment) : outcome;
    });
    if (posted) guard(() => history.acknowledged(posted));
    return posted;
  }

  /** A bot's call of the rebuilder, and the part of the answer that reaches the bot. */
  async #botCall(
    isolate: Isolate,
    id: string,
    words: string,
    ask: (service: CommentsService) => Promise<Outcome<Comment>>,
  ): Promise<Comment | null> {
    const { faults, guard, verdict, trace } = this.#parts;
    const request = newRequest();
    const outcome = await this.#unlessLeft(request, ask(this.#service(isolate, request)));
    trace?.add(`${words} at ${isolate.name}: ${told(outcome, ({ id }) => id)}`);
    if (!outcome) return null;
    const exists = outcome.ok || outcome.problem.status !== 404 || this.#mayBeUnknown(id);
    guard(() => verdict.expect(5, exists, () => `${words} answered 404`));
    return outcome.ok && !faults.happens("answer to a client lost") ? outcome.value : null;
  }

  async find(isolate: Isolate, id: string): Promise<Comment | null> {
    const service = this.#service(isolate, newRequest());
    const outcome = await service.find(id);
    return outcome.ok ? outcome.value : null;
  }

  #expectRead(
    isolate: Isolate,
    replica: Replica,
    read: Read,
    asked: { startedAt: number; limit: number; request: Request; isFull: boolean },
  ): void {
    const { verdict, history } = this.#parts;
    const { name, location } = isolate;
    const cursor = parseCursor(read.cursor);
    if (!cursor) throw new Error(`no cursor: ${read.cursor}`);
    const { store, sequence } = cursor;
    if (read.spare) this.#expectAway(isolate);
    else {
      isolate.freshAt = Math.max(isolate.freshAt, asked.startedAt);
      const { operations, foundAway } = asked.request;
      verdict.expect(
        9,
        foundAway || operations === 0,
        () => `a poll used ${operations} ledger operations`,
        name,
      );
      const stepped = verdict.now - (this.#steppedAt.get(location) ?? Number.NEGATIVE_INFINITY);
      const age = this.#isSlow(location) ? SLOW_READ_AGE_MAX_MS : READ_AGE_MAX_MS;
      const reached = history.reached(store, asked.startedAt - age);
      const isFresh = read.more || read.gap || stepped < CLOCK_SETTLES_MS || sequence >= reached;
      const words = () =>
        `a read at ${name} is at ${sequence}, ${age} ms before it ${reached} was answered`;
      verdict.expect(2, isFresh, words, name);
    }
    if (!asked.isFull || read.gap) return;
    const { served } = isolate;
    const isSameIsolate = isolate.replica === replica;
    const isForward = !isSameIsolate || served?.store !== store || sequence >= served.sequence;
    verdict.expect(7, isForward, () => `${name} went back to ${sequence}`, name);
    if (isSameIsolate) isolate.served = { store, sequence };
    const oldestFirst = read.comments.toReversed();
    history.expectOrder(`a read at ${name}`, oldestFirst);
    history.expectNewest(`a read at ${name}`, cursor, oldestFirst);
  }

  /** Whether a question of this location took long of late, or was not answered at all. */
  #isSlow(location: string): boolean {
    const { now } = this.#parts.scheduler;
    return this.#questions.some(
      ({ at, answeredAt = now, from }) => from === location && answeredAt - at >= QUICK_MS,
    );
  }

  /** Notes a question until it can have led to nothing more. */
  async #noted<T>(from: string, request: Request, answer: Promise<T>): Promise<T> {
    const { now } = this.#parts.scheduler;
    this.#questions = this.#questions.filter(({ at }) => at >= now - QUESTION_MATTERS_MS);
    let { question } = request;
    if (!question?.isTriedAgain) {
      question = { from, at: now, tries: 0, isTriedAgain: false };
      request.question = question;
      this.#questions.push(question);
    }
    question.tries += 1;
    question.isTriedAgain = false;
    try {
      return await answer;
    } catch (error) {
      const { retryable, overloaded } = error as { retryable?: boolean; overloaded?: boolean };
      question.isTriedAgain = !!retryable && !overloaded && question.tries === 1;
      throw error;
    } finally {
      // The answer reaches nobody whose client has left.
      if (!request.left && !question.isTriedAgain) question.answeredAt = this.#parts.scheduler.now;
    }
  }

  /**
   * Nobody is told that the rebuilder is away unless it failed a question of this place, whose isolates share
   * what they find.
   */
  #expectAway({ name, location }: Isolate): void {
    const { verdict } = this.#parts;
    const { now } = verdict;
    const questions = this.#open.get(location) ?? [];
    const isSlow = [...questions].some(({ began }) => {
      const waited = now - began;
      return waited >= CALL_FAILED_MS && waited <= AWAY_MS;
    });
    const failedAt = this.#failedAt.get(location) ?? Number.NEGATIVE_INFINITY;
    const isAway = isSlow || now - failedAt <= AWAY_MS;
    const words = () => `${name} passes for cut off, and no question of its place failed`;
    verdict.expect(9, isAway, words, name);
  }

  /** The answer, unless the client leaves before it. */
  async #unlessLeft<T>(request: Request, answer: Promise<T>): Promise<T | null> {
    const { faults, guard, random, scheduler, verdict } = this.#parts;
    let answered = false;
    const done = () => {
      answered = true;
    };
    answer.then(done, done);
    scheduler.after(REQUEST_HANGS_MS, () => {
      if (request.left) return;
      guard(() => verdict.expect(2, answered, () => "a request hangs"));
    });
    if (!faults.happens("client left")) return answer;
    const leaving = scheduler.sleep(random.integer(0, CLIENT_LEAVES_MAX_MS)).then(() => {
      request.left = true;
      return null;
    });
    return Promise.race([answer, leaving]);
  }

  /** Fails now and then, or never answers. */
  async #useSharedCache(onFault = () => {}): Promise<void> {
    const { faults } = this.#parts;
    if (faults.happens("shared cache failed")) {
      onFault();
      throw new Error("simulated: shared cache failed");
    }
    if (faults.happens("shared cache hangs")) {
      onFault();
      await new Promise<never>(() => {});
    }
  }

  /** A call of the object, and what came of it. */
  async #watched<T>(
    { location }: Isolate,
    request: Request,
    name: string,
    work: () => Promise<T>,
  ): Promise<T> {
    const { guard, verdict } = this.#parts;
    const began = verdict.now;
    const overloadedAt = request.overloadedAt.get(name);
    if (overloadedAt !== undefined) {
      const wait = began - overloadedAt;
      const words = () => `an overloaded object was asked for the same ${name} after ${wait} ms`;
      guard(() => verdict.expect(9, wait >= OVERLOADED_MS, words));
    }
    const isQuestion = name === "sync";
    const call = { began };
    const open = this.#open.get(location) ?? new Set();
    this.#open.set(location, open);
    if (isQuestion) open.add(call);
    try {
      return await work();
    } catch (error) {
      if (isQuestion) this.#failedAt.set(location, verdict.now);
      if ((error as { overloaded?: boolean }).overloaded)
        request.overloadedAt.set(name, verdict.now);
      throw error;
    } finally {
      open.delete(call);
    }
  }

  /** The entrypoint, made for each request as its shell does. */
  #service(isolate: Isolate, request: Request): CommentsService {
    const { location, replica } = isolate;
    const { scheduler, kv, wall, ledger, random, writer } = this.#parts;
    const never = new Promise<never>(() => {});
    const own = <T>(work: Promise<T>): Promise<T> =>
      work.then(
        (value) => (request.left ? never : value),
        (error) => (request.left ? never : Promise.reject(error)),
      );
    const binding = kv.at(location, request);
    const put: typeof binding.put = (...args) => own(binding.put(...args));
    const list: typeof binding.list = (options) => own(binding.list(options));
    const get = ((keys: string[]) => own(binding.get(keys))) as typeof binding.get;
    const now = () => scheduler.now + (this.#skews.get(location) ?? 0);
    // Another request has found it away, and the spare is read for both.
    request.foundAway ||= now() < replica.awayUntil;
    const clock: Clock = { now, sleep: (ms, signal) => own(scheduler.sleep(ms, signal)) };
    return new CommentsService({
      wall,
      clock,
      ledger: new KvLedger({ put, get, list }, wall, new Operations(), clock),
      writer: () => {
        const calls = writer(location) as unknown as Record<string, Call>;
        return callsBy((name, args) => {
          const answer = this.#watched(isolate, request, name, async () => calls[name]?.(...args));
          return own(name === "sync" ? this.#noted(location, request, answer) : answer);
        });
      },
      replica,
      shared: {
        get: async (key) => {
          await this.#useSharedCache();
          const entry = this.#shared.get(`${location} ${key}`);
          return entry && entry.until > scheduler.now ? entry.text : null;
        },
        put: async (key, text, lifetimeMs) => {
          const isOutcome = key.endsWith("/recent") || text.includes('"failed":true');
          await this.#useSharedCache(() => {
            // An answer that could not be shared reached one isolate only.
            if (isOutcome && request.question) request.question.answeredAt = undefined;
          });
          const until = scheduler.now + lifetimeMs;
          this.#shared.set(`${location} ${key}`, { text, until });
        },
      },
      random: () => random.next(),
      suffixes: {
        ...suffixes,
        random: () => suffixFromBytes(Uint8Array.from({ length: 8 }, () => random.integer(0, 255))),
      },
      // The platform's rate limits are not simulated.
      limits: { post: async () => true, history: async () => true },
      tokens: { bot: BOT_TOKEN, admin: ADMIN_TOKEN },
      background: (work) => void work.catch(() => {}),
      log: (event) => {
        request.foundAway ||= event === "rebuilder away";
      },
      status: { ledger, version: "sim" },
    });
  }
}

/** A few networks for all writers, each its own. */
function addressOf(nonce: string): string {
  return `192.0.2.${nonce.charCodeAt(nonce.indexOf("-") + 1)}`;
}

function parseRead(body: Uint8Array): Read {
  return JSON.parse(new TextDecoder().decode(body));
}

function idsIn(body: Uint8Array): string {
  const { comments, nextBefore, spare } = parseRead(body);
  return `${comments.map(({ id }) => id).join(" ")} next ${nextBefore}${spare ? ", spare" : ""}`;
}

/** The text of a stranger who has read a message's nonce. */
function isStrange(text: string): boolean {
  return text.startsWith("a stranger");
}

function told<T>(outcome: Outcome<T> | null, value: (value: T) => string): string {
  if (!outcome) return "no answer";
  return outcome.ok ? value(outcome.value) : `${outcome.problem.status}`;
}
