/** The entrypoints at several places: what a client's request runs in, and what its answer must keep. */
import type { Comment } from "#schema/comment";
import { parseCursor } from "#schema/cursor";
import { suffixOf, timestampOf } from "#schema/id";
import { OWN_REMOVAL_MS } from "#schema/limits";
import { parsePlace } from "#schema/place";
import { type Outcome, success } from "#schema/problem";
import type { PendingQuery, Read } from "#schema/read";
import type { Caller } from "#schema/rpc";
import type { WriterCalls } from "#worker/contract/writer-calls";
import { Replica } from "#worker/entrypoint/replica/replica";
import type { CommentsService } from "#worker/entrypoint/service";
import type { LedgerKind } from "#worker/ledger/kind";
import { idsIn, parseRead, told } from "./answers";
import type { ClaimChecker } from "./checks/claims";
import type { History } from "./checks/history";
import {
  type Isolate,
  IsolateChecks,
  isStrange,
  newRequest,
  type Request,
  SKEW_MAX_MS,
} from "./checks/isolate-checks";
import type { PastChecker } from "./checks/past";
import type { RemovalChecker } from "./checks/removals";
import type { Verdict } from "./checks/violation";
import { type ConnectParts, connectLive } from "./connect-live";
import { ADMIN_TOKEN, BOT_TOKEN, serviceFor } from "./entrypoint";
import type { SimKv } from "./platform/kv";
import { SharedCaches } from "./platform/shared-caches";
import { PageSocket } from "./platform/sockets";
import { withHash } from "./secrets";

const ISOLATES_MAX = 6;
/** A read that is not answered by then hangs: twice the rebuilder's time to answer, and KV's slowest. */
const READ_HANGS_MS = 20_000;
const CLIENT_LEAVES_MAX_MS = 300;
/** A request other than a read waits for the rebuilder, or for KV, several times. */
const REQUEST_HANGS_MS = 30_000;

interface IsolatesParts extends ConnectParts {
  kv: SimKv;
  writer: (place: string) => WriterCalls;
  locations: readonly string[];
  ledger: LedgerKind;
  history: History;
  past: PastChecker;
  claims: ClaimChecker;
  removals: RemovalChecker;
  /** The cache of this place failed, or never answers. */
  cacheFailed: (place: string) => void;
  verdict: Verdict;
  /** Runs a check; a violation ends the world. */
  guard: (check: () => void) => void;
}

export class Isolates {
  readonly all: Isolate[];
  readonly #parts: IsolatesParts;
  readonly #skews: Map<string, number>;
  readonly #shared: SharedCaches;
  readonly checks: IsolateChecks;
  reads = 0;

  constructor(parts: IsolatesParts) {
    this.#parts = parts;
    this.checks = new IsolateChecks(parts);
    this.#shared = new SharedCaches(parts.scheduler, parts.faults, parts.cacheFailed);
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

  /** Sets the clocks of a place: within their error, or far ahead. */
  stepClock(
    location: string,
    skewMs = this.#parts.random.integer(-SKEW_MAX_MS, SKEW_MAX_MS),
  ): void {
    this.#skews.set(location, skewMs);
    this.checks.clockStepped(location);
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
      this.checks.expectRead(isolate, replica, read, { startedAt, limit, request, isFull: !since }),
    );
    return read;
  }

  /** A page opens a socket of the live channel that continues from a cursor. */
  follow(isolate: Isolate, since: string, address: string): PageSocket {
    const socket = new PageSocket();
    void connectLive(this.#parts, { at: isolate.name, since, address }).then((connection) => {
      if (connection) connection.attach(socket);
      else socket.lost();
    });
    return socket;
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
    const posting = this.#service(isolate, request).post(address, withHash({ text, nonce }));
    const outcome = await this.#unlessLeft(request, posting);
    trace?.add(`POST ${nonce} at ${isolate.name}: ${told(outcome, (value) => value.comment.id)}`);
    if (!outcome?.ok) return null;
    const { comment } = outcome.value;
    guard(() => this.checks.expectPost(isolate, outcome.value, { text, startedAt, freshAt }));
    if (faults.happens("answer to a client lost")) return null;
    // The author of a removed message may get the text that a stranger sent under its nonce since.
    const isStrangers = isStrange(text) || isStrange(comment.text);
    if (!isStrangers || removals.doneAt(comment.id) === undefined)
      guard(() => history.acknowledged(comment, text));
    return comment;
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
    guard(() => this.checks.expectKnown(5, outcome, id, `PATCH of ${id}`));
    if (!outcome.ok || faults.happens("answer to a client lost")) return false;
    history.flags.acknowledged(outcome.value.id, processed, askedAt, verdict.now);
    return true;
  }

  /** Takes a comment down. Whether that was acknowledged. */
  async remove(isolate: Isolate, id: string): Promise<boolean> {
    const { faults, guard, removals, trace } = this.#parts;
    removals.asked(id);
    const request = newRequest();
    const removing = this.#service(isolate, request).remove({ token: ADMIN_TOKEN }, id);
    const outcome = await this.#unlessLeft(request, removing);
    trace?.add(`DELETE ${id} at ${isolate.name}: ${told(outcome, () => "done")}`);
    if (!outcome) return false;
    guard(() => this.checks.expectKnown(13, outcome, id, `DELETE of ${id}`));
    if (!outcome.ok || faults.happens("answer to a client lost")) return false;
    removals.done(id);
    return true;
  }

  /**
   * A removal with a secret. Whether it was answered for good: done, or refused. A refusal by a clock far ahead counts
   * as well.
   */
  async removeOwn(
    isolate: Isolate,
    id: string,
    secret: string,
    isAuthor: boolean,
  ): Promise<boolean> {
    const { faults, guard, removals, scheduler, trace } = this.#parts;
    const ageMs = scheduler.now - timestampOf(id);
    // One that comes too late must change nothing.
    if (isAuthor && ageMs <= OWN_REMOVAL_MS + SKEW_MAX_MS) removals.asked(id);
    const request = newRequest();
    const caller = { address: addressOf(id) };
    const removing = this.#service(isolate, request).remove(caller, id, { secret });
    const outcome = await this.#unlessLeft(request, removing);
    trace?.add(`DELETE own ${id} at ${isolate.name}: ${told(outcome, () => "done")}`);
    if (!outcome) return false;
    guard(() => {
      this.checks.expectKnown(13, outcome, id, `DELETE of ${id} by its author`);
      removals.expectOwn(id, outcome, { isAuthor, ageMs });
    });
    if (faults.happens("answer to a client lost")) return false;
    if (outcome.ok) removals.done(id);
    return outcome.ok || outcome.problem.status === 403;
  }

  /** Reports a comment. */
  async report(isolate: Isolate, id: string, address: string): Promise<void> {
    const { guard, trace } = this.#parts;
    const request = newRequest();
    const reporting = this.#service(isolate, request).report({ address }, id, { reason: "rude" });
    const outcome = await this.#unlessLeft(request, reporting);
    trace?.add(`report of ${id} at ${isolate.name}: ${told(outcome, () => "done")}`);
    if (outcome) guard(() => this.checks.expectKnown(13, outcome, id, `report of ${id}`));
  }

  /** Takes down all that one sender sent on the day of this message. Whether all of that was acknowledged. */
  async removeSender(isolate: Isolate, id: string): Promise<boolean> {
    const { faults, trace } = this.#parts;
    const request = newRequest();
    const asking = this.#service(isolate, request).admin.removeSender(
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

  /** The pending messages, as a bot reads them; none if no answer came. */
  async pending(
    isolate: Isolate,
    limit: number,
    of: Pick<PendingQuery, "entity" | "addressed"> = {},
  ): Promise<Comment[]> {
    const { guard, verdict, claims } = this.#parts;
    const startedAt = verdict.now;
    const request = newRequest();
    const query = { pending: true as const, limit, ...of };
    const reading = this.#service(isolate, request).pending(query, { token: BOT_TOKEN });
    const outcome = await this.#unlessLeft(request, reading);
    if (!outcome?.ok) return [];
    const { comments } = parseRead(outcome.value.body);
    guard(() => {
      claims.pending(comments, startedAt, of);
      const { operations } = request;
      verdict.expect(9, operations === 0, () => `pending used ${operations} ledger operations`);
    });
    return comments;
  }

  /** The claimed comment; `null` when it was refused or no answer came. */
  async claim(
    isolate: Isolate,
    id: string,
    bot: string,
    { seconds, name }: { seconds: number; name?: string | undefined },
  ): Promise<Comment | null> {
    const body = { bot, seconds, ...(name !== undefined && { name }) };
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
    const { faults, guard, trace } = this.#parts;
    const request = newRequest();
    const outcome = await this.#unlessLeft(request, ask(this.#service(isolate, request)));
    trace?.add(`${words} at ${isolate.name}: ${told(outcome, ({ id }) => id)}`);
    if (!outcome) return null;
    guard(() => this.checks.expectKnown(5, outcome, id, words));
    return outcome.ok && !faults.happens("answer to a client lost") ? outcome.value : null;
  }

  async find(isolate: Isolate, id: string): Promise<Comment | null> {
    const service = this.#service(isolate, newRequest());
    const outcome = await service.find(id);
    return outcome.ok ? outcome.value : null;
  }

  #service(isolate: Isolate, request: Request): CommentsService {
    const { checks } = this;
    const skewMs = this.#skews.get(isolate.location) ?? 0;
    const shared = this.#shared;
    return serviceFor(isolate, request, { ...this.#parts, checks, shared, skewMs });
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
}

/** A few networks for all writers, each its own. */
export function addressOf(nonce: string): string {
  return `192.0.2.${nonce.charCodeAt(nonce.indexOf("-") + 1)}`;
}
