/** Invariants of the entrypoints' answers, and of their questions to the rebuilder. */
import type { Comment } from "#schema/comment";
import { parseCursor } from "#schema/cursor";
import { timestampOf } from "#schema/id";
import { CLOCK_SKEW_MS } from "#schema/limits";
import type { Outcome } from "#schema/problem";
import type { Read } from "#schema/read";
import type { Accepted } from "#worker/contract/answers";
import { WRITER_TIMEOUT_MS } from "#worker/contract/asker";
import type { Replica } from "#worker/entrypoint/replica/replica";
import type { Invocation } from "../platform/kv";
import type { Scheduler } from "../platform/scheduler";
import type { History } from "./history";
import type { RemovalChecker } from "./removals";
import type { Verdict } from "./violation";

/** The error of an entrypoint's clock. */
export const SKEW_MAX_MS = 2_000;
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

/** One request: when its client leaves, nothing that it waited for ever comes. */
export interface Request extends Invocation {
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

export function newRequest(): Request {
  return { operations: 0, shortLists: 0, left: false, foundAway: false, overloadedAt: new Map() };
}

interface Posted {
  comment: Comment;
  created: boolean;
}

interface ChecksParts {
  scheduler: Scheduler;
  history: History;
  removals: RemovalChecker;
  verdict: Verdict;
  /** Runs a check; a violation ends the world. */
  guard: (check: () => void) => void;
}

export class IsolateChecks {
  readonly #parts: ChecksParts;
  readonly #steppedAt = new Map<string, number>();
  #questions: Asked[] = [];
  /** The questions of each place that are not answered, by when they began. */
  readonly #open = new Map<string, Set<{ began: number }>>();
  /** When a question of each place failed last. */
  readonly #failedAt = new Map<string, number>();
  /** Since when posting is paused for certain; `null` where it is not. */
  #pausedAt: number | null = null;

  constructor(parts: ChecksParts) {
    this.#parts = parts;
  }

  /** The clock of a place was set. */
  clockStepped(location: string): void {
    this.#steppedAt.set(location, this.#parts.scheduler.now);
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

  /** A post's answer. `freshAt` is when the isolate had last been answered afresh before. */
  expectPost(
    isolate: Isolate,
    { comment, created }: Posted,
    { text, startedAt, freshAt }: { text: string; startedAt: number; freshAt: number },
  ): void {
    const { removals, verdict } = this.#parts;
    this.#expectOpen(isolate, created, startedAt, freshAt);
    const { text: words } = comment;
    const goneAt = removals.doneAt(comment.id) ?? Number.POSITIVE_INFINITY;
    // The answer may have the words that were sent with this request, or by a stranger since the removal, or again by the
    // author a moment ago: the writer removes that copy once its notice arrives.
    const age = this.#parts.scheduler.now - comment.timestamp;
    const isJustSent = Math.abs(age) < TOLD_GRACE_MS + SKEW_MAX_MS;
    const mayBeRead = words === text || isStrange(words) || isJustSent;
    const isTold = !mayBeRead && goneAt < Math.min(startedAt, freshAt) - TOLD_GRACE_MS;
    const say = () => `${comment.id} was taken down and is told to who sends its nonce`;
    verdict.expect(13, !isTold, say, comment.id);
  }

  /** A message is found, unless it may be unknown. */
  expectKnown(invariant: number, outcome: Outcome<unknown>, id: string, words: string): void {
    const exists = outcome.ok || outcome.problem.status !== 404 || this.#mayBeUnknown(id);
    this.#parts.verdict.expect(invariant, exists, () => `${words} answered 404`, id);
  }

  /** An isolate that has heard of a pause takes no messages. */
  #expectOpen(isolate: Isolate, created: boolean, startedAt: number, freshAt: number): void {
    const { verdict } = this.#parts;
    const pausedAt = this.#pausedAt;
    if (!created || pausedAt === null) return;
    const hasHeard = freshAt > pausedAt + TOLD_GRACE_MS && startedAt > pausedAt + HEARD_BY_MS;
    // A question noted by a clock that ran ahead looks new once the clock has come to that time.
    const isMeasured = !this.#steppedAt.has(isolate.location);
    verdict.expect(
      13,
      !hasHeard || !isMeasured,
      () => `${isolate.name} took a message while posting is paused`,
    );
  }

  /** A message that is gone, was let go for want of room, or whose id lies beyond what may still be on its way. */
  #mayBeUnknown(id: string): boolean {
    const { history, removals, scheduler } = this.#parts;
    const isFuture = timestampOf(id) > scheduler.now + CLOCK_SKEW_MS - SKEW_MAX_MS;
    return removals.mayBeGone(id) || history.wasDropped(id) || isFuture;
  }

  expectRead(
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
      const reached = history.progress.reached(store, asked.startedAt - age);
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
  async noted<T>(from: string, request: Request, answer: Promise<T>): Promise<T> {
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

  /** A call of the object, and what came of it. */
  async watched<T>(
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
      // An answer after the deadline reaches nobody.
      const isHeard = verdict.now - began < WRITER_TIMEOUT_MS;
      if (isHeard && (error as { overloaded?: boolean }).overloaded)
        request.overloadedAt.set(name, verdict.now);
      throw error;
    } finally {
      open.delete(call);
      // The isolate had given up when this answer came.
      if (isQuestion && verdict.now - began >= CALL_FAILED_MS)
        this.#failedAt.set(location, verdict.now);
    }
  }
}

/** The text of a stranger who has read a message's nonce. */
export function isStrange(text: string): boolean {
  return text.startsWith("a stranger");
}
