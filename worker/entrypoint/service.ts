/**
 * The entrypoint behind the route handlers: runs near the caller, and has no state but the replica.
 *
 * The runtime's parts are passed in, so that the simulation runs this code unchanged.
 */

import type { GenericSchema } from "valibot";
import type { RemovedIds } from "#schema/backup";
import type { PresentBots } from "#schema/bots";
import { validate } from "#schema/check/validate";
import { ClaimSchema, type Comment, PatchSchema, ReleaseSchema } from "#schema/comment";
import type { Cursor } from "#schema/cursor";
import { isId } from "#schema/id";
import { OwnRemovalSchema, RemovalSchema, ReportSchema } from "#schema/moderation";
import { type Outcome, success } from "#schema/problem";
import type { HistoryQuery, PendingQuery, Read, ReadQuery } from "#schema/read";
import type { Caller, CommentsRpc, Posted, SerialisedPage, SerialisedRead } from "#schema/rpc";
import type { Health, Status } from "#schema/status";
import type { Claimed } from "../contract/answers";
import { Asker } from "../contract/asker";
import { isUnsettled } from "../contract/unsettled";
import type { WriterCalls } from "../contract/writer-calls";
import type { Ledger, Spare } from "../ledger/ledger";
import type { Clock } from "../platform/clock";
import type { Log } from "../platform/log";
import { toComment } from "../record";
import { networkOf } from "./address";
import { AdminCalls } from "./admin-calls";
import { askWriter } from "./ask-writer";
import { findComment } from "./past/find";
import type { HistoryPage } from "./past/history";
import { pastOfKv, pastOfSqlite } from "./past/past";
import { KvPosting, type Posting, SqlitePosting } from "./posting";
import { presentBots } from "./present-bots";
import { PrivilegedCalls, type Question } from "./privileged-calls";
import type { RateLimits } from "./rate-limit";
import { receive } from "./reception";
import {
  notFound,
  outcomeOf,
  outcomeOfRemoval,
  outcomeOfReport,
  rateLimited,
  unauthorized,
  unavailable,
} from "./refusals";
import { Refresher } from "./replica/refresher";
import type { Replica } from "./replica/replica";
import type { SharedCache } from "./replica/shared-wall";
import type { SuffixSource } from "./suffix";
import type { Tokens } from "./tokens";
import { wallHealth, wallStatus } from "./wall-status";

export interface CommentsParts {
  wall: string;
  clock: Clock;
  ledger: Ledger & Spare;
  /** Makes a new stub for each call, since a stub that failed once keeps failing. */
  writer: () => WriterCalls;
  replica: Replica;
  shared: SharedCache;
  suffixes: SuffixSource;
  limits: RateLimits;
  tokens: Tokens;
  /** Keeps work running after the answer. */
  background: (work: Promise<unknown>) => void;
  log: Log;
  /** From 0 up to, not including, 1; `Math.random` when absent. */
  random?: () => number;
  status: Pick<Status, "ledger" | "version">;
  /** See `wallStatus`. */
  lastBackup?: (() => Promise<number | null>) | undefined;
}

type WithoutWall<Rpc> = {
  [Name in keyof Rpc]: Rpc[Name] extends (wall: string, ...rest: infer Rest) => infer Result
    ? (...rest: Rest) => Result
    : never;
};

export class CommentsService implements WithoutWall<Omit<CommentsRpc, "clear" | keyof AdminCalls>> {
  readonly admin: AdminCalls;
  readonly #parts: CommentsParts;
  readonly #asker: Asker;
  readonly #privileged: PrivilegedCalls;
  readonly #refresher: Refresher;

  constructor(parts: CommentsParts) {
    this.#parts = parts;
    const asker = new Asker(parts.clock, parts.writer);
    this.#asker = asker;
    this.#privileged = new PrivilegedCalls({ ...parts, asker });
    this.#refresher = new Refresher({ ...parts, spare: parts.ledger, asker });
    this.admin = new AdminCalls({
      clock: parts.clock,
      privileged: this.#privileged,
      renewAfter: (removing) => this.#renewAfter(removing),
    });
  }

  async read(query: ReadQuery, ifNoneMatch?: string): Promise<Outcome<SerialisedRead>> {
    const { replica } = this.#parts;
    replica.polls += 1;
    await this.#refresher.refresh(query);
    if (replica.isUnread) return unavailable("The wall can't be read right now.");
    const { etag, body } = replica.read(query);
    const unchanged = ifNoneMatch !== undefined && matches(ifNoneMatch, etag);
    return success({ etag, rebuiltAt: replica.rebuiltAt, body: unchanged ? null : body() });
  }

  async history(caller: Caller, query: HistoryQuery): Promise<Outcome<SerialisedPage>> {
    const mayGoOn = () => this.#isWithinReadLimit(caller);
    if (!(await mayGoOn()))
      return rateLimited(
        "Too many requests for older messages from your address. Try again in a minute.",
      );
    return this.#page(query, mayGoOn, () => []);
  }

  /** The same for an admin, with the ids of removed comments. */
  async exportPage(caller: Caller, query: HistoryQuery): Promise<Outcome<SerialisedPage>> {
    const denied = this.#privileged.denial("admin", caller);
    if (denied) return denied;
    return this.#page(
      query,
      async () => true,
      ({ removed }) => removed,
    );
  }

  /** The ids removed after a cursor; without one, only the cursor of now. */
  removals(caller: Caller, since?: Cursor): Promise<Outcome<RemovedIds>> {
    return this.#privileged.ask("admin", caller, {}, RemovalSchema, async (writer) =>
      success(await writer.removedSince(since)),
    );
  }

  async #page(
    query: HistoryQuery,
    mayGoOn: () => Promise<boolean>,
    removedIn: (page: HistoryPage) => string[],
  ): Promise<Outcome<SerialisedPage>> {
    const { replica, log } = this.#parts;
    await this.#refresher.refresh({ limit: 1 });
    if (replica.isUnread) return unavailable("The wall can't be read right now.");
    try {
      const past = this.#isSqlite ? pastOfSqlite : pastOfKv;
      const page = await past(query, { ...this.#parts, asker: this.#asker, mayGoOn });
      const read: Read = {
        comments: page.comments.map(toComment),
        removed: removedIn(page),
        cursor: replica.cursor,
        rebuiltAt: replica.rebuiltAt,
        gap: false,
        nextBefore: page.nextBefore,
        ...((page.isSpare || replica.isSpare) && { spare: true }),
      };
      const body = new TextEncoder().encode(JSON.stringify(read));
      return success({ rebuiltAt: replica.rebuiltAt, body });
    } catch (error) {
      log("ledger refused", { error });
      return unavailable("Older messages can't be read right now.");
    }
  }

  find(id: string): Promise<Outcome<Comment>> {
    const parts = { ...this.#parts, asker: this.#asker, isSqlite: this.#isSqlite };
    return findComment(parts, id);
  }

  async post(caller: Caller, body: unknown): Promise<Outcome<Posted>> {
    const role = this.#privileged.roleOf(caller);
    if (role === "unknown") return unauthorized();
    const reception = {
      ...this.#parts,
      isPaused: () => this.#refresher.isPaused(),
      known: (comment: Comment) => this.#known(comment),
      posting: () => this.#posting(),
    };
    return receive(reception, { role, network: networkOf(caller.address) }, body);
  }

  patch(caller: Caller, id: string, body: unknown): Promise<Outcome<Comment>> {
    return this.#botCall(caller, id, body, PatchSchema, (writer, { botParams }) =>
      writer.patch(id, botParams.processed),
    );
  }

  claim(caller: Caller, id: string, body: unknown): Promise<Outcome<Comment>> {
    return this.#botCall(caller, id, body, ClaimSchema, (writer, { bot, seconds, name }) =>
      writer.claim(id, bot, seconds, name),
    );
  }

  release(caller: Caller, id: string, body: unknown): Promise<Outcome<Comment>> {
    return this.#botCall(caller, id, body, ReleaseSchema, (writer, { bot }) =>
      writer.release(id, bot),
    );
  }

  /** Removes a comment, for an admin or, with a secret in place of a token, for its author. Idempotent. */
  remove(caller: Caller, id: string, body: unknown = {}): Promise<Outcome<null>> {
    if (caller.token === undefined && hasSecret(body))
      return this.#renewAfter(this.#removeOwn(caller, id, body));
    const removing = this.#privileged.ask(
      "admin",
      caller,
      body,
      RemovalSchema,
      async (writer, { reason, replies }, by) =>
        isId(id)
          ? outcomeOfRemoval(await writer.remove(id, reason, by, replies), this.#isYoung(id))
          : notFound(),
    );
    return this.#renewAfter(removing);
  }

  async #removeOwn(caller: Caller, id: string, body: unknown): Promise<Outcome<null>> {
    const valid = validate(OwnRemovalSchema, body);
    if (!valid.ok) return valid;
    if (!isId(id)) return notFound();
    if (!(await this.#parts.limits.post(networkOf(caller.address))))
      return rateLimited("Too many requests from your address. Try again in a minute.");
    const { secret } = valid.value;
    return this.#askFor("The message can't be taken down right now.", async (writer) =>
      outcomeOfRemoval(await writer.removeOwn(id, secret), this.#isYoung(id)),
    );
  }

  #askFor<T>(away: string, question: (writer: WriterCalls) => Promise<Outcome<T>>) {
    const { log } = this.#parts;
    return askWriter({ asker: this.#asker, log }, away, question);
  }

  /** Reports a comment to the admins; a network counts once. */
  async report(caller: Caller, id: string, body: unknown = {}): Promise<Outcome<null>> {
    const role = this.#privileged.roleOf(caller);
    if (role === "unknown") return unauthorized();
    const valid = validate(ReportSchema, body);
    if (!valid.ok) return valid;
    if (!isId(id)) return notFound();
    const network = networkOf(caller.address);
    if (role === "anyone" && !(await this.#parts.limits.report(network)))
      return rateLimited("Too many reports from your address. Try again in a minute.");
    const { reason } = valid.value;
    return this.#askFor("The message can't be reported right now.", async (writer) =>
      outcomeOfReport(await writer.report(id, network, reason), this.#isYoung(id)),
    );
  }

  /** The messages pending for a bot. Only the rebuilder can answer, never the spare. */
  async pending(query: PendingQuery, caller?: Caller | string): Promise<Outcome<SerialisedPage>> {
    // The page of the previous release does not pass the caller.
    if (typeof caller === "object" && !(await this.#isWithinReadLimit(caller)))
      return rateLimited(
        "Too many requests for pending messages from your address. Try again in a minute.",
      );
    const role = typeof caller === "object" ? this.#privileged.roleOf(caller) : "anyone";
    // No token is needed, but a bot with a wrong one would otherwise learn that only with its first claim.
    if (role === "unknown") return unauthorized();
    const bot = role === "bot" ? query.entity : undefined;
    return this.#askFor("Pending messages can't be read right now.", async (writer) => {
      const { rebuiltAt, text } = await writer.pending(query, bot);
      return success({ rebuiltAt, body: new TextEncoder().encode(text) });
    });
  }

  /** The bots that are present. */
  bots(): Promise<Outcome<PresentBots>> {
    return presentBots({ ...this.#parts, refresher: this.#refresher });
  }

  status(): Promise<Status> {
    return wallStatus({ ...this.#parts, asker: this.#asker });
  }

  health(): Promise<Health> {
    return wallHealth({ ...this.#parts, asker: this.#asker });
  }

  /** The wall's own ledger as the rebuilder reports it; the configured one before its first answer. */
  get #isSqlite(): boolean {
    const { replica, status } = this.#parts;
    return (replica.ledger ?? status.ledger) === "sqlite";
  }

  /** Counts a read that costs the rebuilder or the ledger something; false if it exceeds the caller's limit. */
  async #isWithinReadLimit(caller: Caller): Promise<boolean> {
    const role = this.#privileged.roleOf(caller);
    if (role === "bot" || role === "admin") return true;
    return this.#parts.limits.history(networkOf(caller.address));
  }

  #isYoung(id: string): boolean {
    return isUnsettled(id, this.#parts.clock.now());
  }

  /** The first copy of a message, if this isolate knows it and a fresh sync shows that it was not removed. */
  async #known({ id, nonce }: Comment): Promise<Comment | undefined> {
    const { replica } = this.#parts;
    if (nonce === undefined || !replica.known(id, nonce)) return undefined;
    await this.#refresher.refresh({ limit: 1 });
    return replica.known(id, nonce);
  }

  /** Renews the data centre's cache after a removal, so that the text leaves it even if nobody reads the wall. */
  async #renewAfter<T>(removing: Promise<Outcome<T>>): Promise<Outcome<T>> {
    const outcome = await removing;
    if (outcome.ok) this.#parts.background(this.#refresher.renew());
    return outcome;
  }

  #posting(): Posting {
    const parts = { ...this.#parts, asker: this.#asker };
    return this.#isSqlite ? new SqlitePosting(parts) : new KvPosting(parts);
  }

  /** A change of a comment that needs a bot's token and goes to the single writer. */
  #botCall<const Schema extends GenericSchema>(
    caller: Caller,
    id: string,
    body: unknown,
    schema: Schema,
    ask: Question<Schema, Claimed>,
  ): Promise<Outcome<Comment>> {
    return this.#privileged.ask("bot", caller, body, schema, async (...question) =>
      isId(id) ? outcomeOf(await ask(...question), this.#isYoung(id)) : notFound(),
    );
  }
}

/** Whether a `DELETE` is the author's. An admin's has a reason at most. */
function hasSecret(body: unknown): boolean {
  return typeof body === "object" && body !== null && "secret" in body;
}

/** Whether an `If-None-Match` header matches this weak tag (RFC 9110, 13.1.2). */
function matches(ifNoneMatch: string, etag: string): boolean {
  const bare = (tag: string) => tag.trim().replace(/^W\//, "");
  return ifNoneMatch.split(",").some((tag) => tag.trim() === "*" || bare(tag) === bare(etag));
}
