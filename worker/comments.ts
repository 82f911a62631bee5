/**
 * What the route handlers call: stateless but for the replica, near the caller.
 *
 * Plain code: the runtime's parts are passed in, so that it runs under simulation unchanged.
 */

import type { GenericSchema, InferOutput } from "valibot";
import {
  ClaimSchema,
  type Comment,
  DraftSchema,
  isStoredComment,
  PatchSchema,
  ReleaseSchema,
} from "#schema/comment";
import { compareIds, isId, makeId, timestampOf } from "#schema/id";
import { CLOCK_SKEW_MS, WINDOW_SIZE } from "#schema/limits";
import {
  type Moderation,
  PauseSchema,
  RemovalSchema,
  type RemovedOfSender,
  SenderRemovalSchema,
} from "#schema/moderation";
import { type Imported, ImportSchema, type MoveProgress, MoveSchema } from "#schema/move";
import { type Outcome, type Refusal, refusal, success } from "#schema/problem";
import type { HistoryQuery, PendingQuery, Read, ReadQuery } from "#schema/read";
import type { Caller, CommentsRpc, Posted, SerialisedPage, SerialisedRead } from "#schema/rpc";
import type { Status } from "#schema/status";
import { validate } from "#schema/validate";
import { networkOf } from "./address";
import type { Claimed } from "./answers";
import type { Clock } from "./clock";
import { denial, makeComment } from "./draft";
import { type HistoryPage, type HistoryParts, readHistory } from "./history";
import type { Ledger, Spare } from "./ledger/ledger";
import type { Log } from "./log";
import { KvPosting, type Posting, SqlitePosting } from "./posting";
import type { RateLimits } from "./rate-limit";
import { Asker, type RebuilderRpc } from "./rebuilder-rpc";
import { Refresher, type SharedCache } from "./refresher";
import {
  notFound,
  outcomeOf,
  outcomeOfRemoval,
  rateLimited,
  unauthorized,
  unavailable,
} from "./refusals";
import type { Replica } from "./replica";
import type { SuffixSource } from "./suffix";
import { type Role, roleOf, type Tokens } from "./tokens";
import { toComment } from "./wall-state";

/** When a post that a pause refused may be tried again. */
const PAUSE_RETRY_S = 10;

const SENDER_UNKNOWN =
  "Who sent this is not known: with a token, over a week ago, or just now. Remove it by itself.";

/** A deed for the holder of one token: what others are told, and all while the rebuilder is away. */
interface Reserved {
  role: Role;
  forbidden: string;
  away: string;
}

const BOT_DEED: Reserved = {
  role: "bot",
  forbidden: "This token may not mark or claim comments.",
  away: "The comment can't be changed right now.",
};

const ADMIN_DEED: Reserved = {
  role: "admin",
  forbidden: "This token may not moderate the wall.",
  away: "The wall can't be moderated right now.",
};

/** What is asked of the single writer with a valid body. */
type Question<Schema extends GenericSchema, Answer> = (
  rebuilder: RebuilderRpc,
  wall: string,
  valid: InferOutput<Schema>,
) => Promise<Answer>;

export interface CommentsParts {
  wall: string;
  clock: Clock;
  ledger: Ledger & Spare;
  /** A stub made anew for each call: a stub that failed once keeps failing. */
  rebuilder: () => RebuilderRpc;
  replica: Replica;
  shared: SharedCache;
  suffixes: SuffixSource;
  limits: RateLimits;
  tokens: Tokens;
  /** Lets work go on after the answer. */
  background: (work: Promise<unknown>) => void;
  log: Log;
  status: Pick<Status, "ledger" | "version">;
}

type WithoutWall<Rpc> = {
  [Name in keyof Rpc]: Rpc[Name] extends (wall: string, ...rest: infer Rest) => infer Result
    ? (...rest: Rest) => Result
    : never;
};

export class CommentsService implements WithoutWall<Omit<CommentsRpc, "clear">> {
  readonly #parts: CommentsParts;

  readonly #asker: Asker;
  readonly #refresher: Refresher;

  constructor(parts: CommentsParts) {
    this.#parts = parts;
    const asker = new Asker(parts.clock, parts.rebuilder);
    this.#asker = asker;
    this.#refresher = new Refresher({ ...parts, spare: parts.ledger, asker });
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
    const { limits, replica, log } = this.#parts;
    if (!this.#isTrusted(caller) && !(await limits.history(networkOf(caller.address))))
      return rateLimited("Too much of the past at once from your address. Go on in a minute.");
    await this.#refresher.refresh({ limit: 1 });
    if (replica.isUnread) return unavailable("The wall can't be read right now.");
    try {
      const page = await (this.#isSqlite ? this.#pastOfSqlite(query) : this.#pastOfKv(query));
      const read: Read = {
        comments: page.comments.map(toComment),
        removed: [],
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
      return unavailable("The past can't be read right now.");
    }
  }

  async find(id: string): Promise<Outcome<Comment>> {
    if (!isId(id)) return notFound();
    const { replica, ledger, wall } = this.#parts;
    try {
      return outcomeOf(await this.#asker.ask((rebuilder) => rebuilder.find(wall, id)));
    } catch {
      const shown = replica.view?.window.find((comment) => comment.id === id);
      if (shown) return success(shown);
      if (this.#isSqlite) return unavailable("The comment can't be looked up right now.");
      try {
        const entry = (await ledger.read([id])).get(id);
        if (entry && entry !== "corrupt") {
          if (isStoredComment(entry)) return success(toComment(entry));
          if ("removed" in entry) return notFound();
        }
      } catch (error) {
        this.#parts.log("ledger refused", { error });
      }
      return unavailable("The comment can't be looked up right now.");
    }
  }

  async post(caller: Caller, body: unknown): Promise<Outcome<Posted>> {
    const { clock, limits, replica, suffixes } = this.#parts;
    const role = this.#role(caller);
    if (role === "unknown") return unauthorized();
    const draft = validate(DraftSchema, body);
    if (!draft.ok) return draft;
    const denied = denial(draft.value, role);
    if (denied) return denied;
    const { type = "human", nonce } = draft.value;
    const suffix = nonce === undefined ? suffixes.random() : suffixes.ofNonce(type, nonce);
    const comment = makeComment(draft.value, makeId(clock.now(), suffix));
    const known = comment.nonce && replica.known(comment.id, comment.nonce);
    if (known && type === "human") return success({ comment: known, created: false });
    if (await this.#refresher.isPaused()) return postingPaused();
    const network = role === "anyone" ? networkOf(caller.address) : undefined;
    if (network !== undefined && !(await limits.post(network)))
      return rateLimited("Too many messages from your address. Send it again in a minute.");
    return this.#posting().post(comment, network);
  }

  patch(caller: Caller, id: string, body: unknown): Promise<Outcome<Comment>> {
    return this.#deed(caller, id, body, PatchSchema, (rebuilder, wall, { botParams }) =>
      rebuilder.patch(wall, id, botParams.processed),
    );
  }

  claim(caller: Caller, id: string, body: unknown): Promise<Outcome<Comment>> {
    return this.#deed(caller, id, body, ClaimSchema, (rebuilder, wall, { bot, seconds }) =>
      rebuilder.claim(wall, id, bot, seconds),
    );
  }

  release(caller: Caller, id: string, body: unknown): Promise<Outcome<Comment>> {
    return this.#deed(caller, id, body, ReleaseSchema, (rebuilder, wall, { bot }) =>
      rebuilder.release(wall, id, bot),
    );
  }

  /** Takes a comment down; asked for again, it is done already. */
  remove(caller: Caller, id: string, body: unknown = {}): Promise<Outcome<null>> {
    return this.#administer(caller, body, RemovalSchema, async (rebuilder, wall, { reason }) =>
      isId(id) ? outcomeOfRemoval(await rebuilder.remove(wall, id, reason)) : notFound(),
    );
  }

  /** Takes down all that the sender of one comment sent on its day. */
  removeSender(caller: Caller, body: unknown): Promise<Outcome<RemovedOfSender>> {
    return this.#administer(caller, body, SenderRemovalSchema, async (rebuilder, wall, asked) => {
      const removed = await rebuilder.removeSender(wall, asked.sentLike, asked.reason);
      return removed ? success(removed) : refusal("not_found", SENDER_UNKNOWN);
    });
  }

  /** Lets the wall take no messages for a while, or take them again. */
  pause(caller: Caller, body: unknown): Promise<Outcome<Pick<Moderation, "paused">>> {
    return this.#administer(caller, body, PauseSchema, async (rebuilder, wall, asked) =>
      success(await rebuilder.pause(wall, asked.paused, asked.reason)),
    );
  }

  /** What an admin has done, and whether posting is paused. */
  moderation(caller: Caller): Promise<Outcome<Moderation>> {
    return this.#administer(caller, {}, RemovalSchema, async (rebuilder, wall) =>
      success(await rebuilder.moderation(wall)),
    );
  }

  /** One step on the way of the wall's comments to another ledger. */
  move(caller: Caller, body: unknown): Promise<Outcome<MoveProgress>> {
    return this.#administer(caller, body, MoveSchema, async (rebuilder, wall) =>
      success(await rebuilder.move(wall)),
    );
  }

  /** Takes comments from elsewhere, with their ids. */
  importComments(caller: Caller, body: unknown): Promise<Outcome<Imported>> {
    return this.#administer(caller, body, ImportSchema, async (rebuilder, wall, { comments }) => {
      const latest = this.#parts.clock.now() + CLOCK_SKEW_MS;
      const wrong = comments.findIndex(
        ({ id, timestamp }) => timestampOf(id) !== timestamp || timestamp > latest,
      );
      if (wrong >= 0) return misstamped(wrong);
      const records = comments.map((comment) => ({ ...comment, sequence: 0 }));
      return success(await rebuilder.bring(wall, records));
    });
  }

  /** What waits for a bot: from the rebuilder itself, never from the spare. */
  async pending(query: PendingQuery): Promise<Outcome<SerialisedPage>> {
    const { wall, log } = this.#parts;
    try {
      const text = await this.#asker.ask((rebuilder) => rebuilder.pending(wall, query));
      const { rebuiltAt }: Read = JSON.parse(text);
      return success({ rebuiltAt, body: new TextEncoder().encode(text) });
    } catch (error) {
      log("rebuilder away", { error });
      return unavailable("What is pending can't be read right now.");
    }
  }

  async status(): Promise<Status> {
    const { wall, clock, replica, log, status } = this.#parts;
    try {
      return await this.#asker.ask((rebuilder) => rebuilder.status(wall));
    } catch (error) {
      log("rebuilder away", { error });
      const { rebuiltAt, view } = replica;
      return {
        ok: false,
        rebuiltAt,
        ageMs: Math.max(0, clock.now() - rebuiltAt),
        window: { size: view?.window.length ?? 0, capacity: WINDOW_SIZE },
        pending: { size: 0, dropped: 0 },
        rebuilds: { count: 0, failed: 0, lastMs: 0, p50Ms: 0, p95Ms: 0 },
        operations: {},
        wall,
        away: true,
        ...status,
      };
    }
  }

  /** The wall says where its comments are; until it was heard, the configuration does. */
  get #isSqlite(): boolean {
    const { replica, status } = this.#parts;
    return (replica.ledger ?? status.ledger) === "sqlite";
  }

  #posting(): Posting {
    const parts = { ...this.#parts, asker: this.#asker };
    return this.#isSqlite ? new SqlitePosting(parts) : new KvPosting(parts);
  }

  #pastOfKv(query: HistoryQuery): Promise<HistoryPage> {
    const { clock, ledger, replica, wall, log } = this.#parts;
    const overlay: HistoryParts["overlay"] = async (stretch, listed) => {
      if (clock.now() < replica.awayUntil) return null;
      try {
        return await this.#asker.ask((rebuilder) => rebuilder.overlay(wall, stretch, listed));
      } catch (error) {
        log("rebuilder away", { error });
        return null;
      }
    };
    return readHistory(query, { ledger, overlay, log });
  }

  /** With the rebuilder away, as much of the past as this isolate holds. @throws where that is nothing. */
  async #pastOfSqlite({ before, limit }: HistoryQuery): Promise<HistoryPage> {
    const { wall, replica, log } = this.#parts;
    try {
      const ask = (rebuilder: RebuilderRpc) => rebuilder.history(wall, { before, limit });
      return { ...(await this.#asker.ask(ask)), isSpare: false };
    } catch (error) {
      const held = replica.view?.window ?? [];
      const behind = held.filter(({ id }) => compareIds(id, before.id) > 0).slice(0, limit);
      const last = behind.at(-1);
      if (!last) throw error;
      log("rebuilder away", { error });
      const comments = behind.map((comment) => ({ ...comment, sequence: 0 }));
      return { comments, nextBefore: last.id, isSpare: true };
    }
  }

  /** What only a bot may do to a comment, and only the single writer can. */
  #deed<const Schema extends GenericSchema>(
    caller: Caller,
    id: string,
    body: unknown,
    schema: Schema,
    ask: Question<Schema, Claimed>,
  ): Promise<Outcome<Comment>> {
    return this.#reserved(BOT_DEED, caller, body, schema, async (...question) =>
      isId(id) ? outcomeOf(await ask(...question)) : notFound(),
    );
  }

  /** What only an admin may do, and only the single writer can. */
  #administer<const Schema extends GenericSchema, Value>(
    caller: Caller,
    body: unknown,
    schema: Schema,
    ask: Question<Schema, Outcome<Value>>,
  ): Promise<Outcome<Value>> {
    return this.#reserved(ADMIN_DEED, caller, body, schema, ask);
  }

  async #reserved<const Schema extends GenericSchema, Value>(
    { role: wanted, forbidden, away }: Reserved,
    caller: Caller,
    body: unknown,
    schema: Schema,
    ask: Question<Schema, Outcome<Value>>,
  ): Promise<Outcome<Value>> {
    const role = this.#role(caller);
    if (role === "unknown" || role === "anyone") return unauthorized();
    if (role !== wanted) return refusal("forbidden", forbidden);
    const valid = validate(schema, body);
    if (!valid.ok) return valid;
    const { wall, log } = this.#parts;
    try {
      return await this.#asker.ask((rebuilder) => ask(rebuilder, wall, valid.value));
    } catch (error) {
      log("rebuilder away", { error });
      return unavailable(away);
    }
  }

  #isTrusted(caller: Caller): boolean {
    const role = this.#role(caller);
    return role === "bot" || role === "admin";
  }

  #role({ token }: Caller): Role | "anyone" | "unknown" {
    if (token === undefined) return "anyone";
    return roleOf(this.#parts.tokens, token) ?? "unknown";
  }
}

function misstamped(index: number): Refusal {
  const pointer = `/comments/${index}/timestamp`;
  const errors = [{ pointer, detail: "must be the number before the dash of the id, and past" }];
  return refusal("invalid_field", "Not as it should be: timestamp.", { errors });
}

function postingPaused(): Refusal {
  const detail = "Posting is paused by the wall's keepers. Send it again later.";
  return refusal("posting_paused", detail, { retryAfterSeconds: PAUSE_RETRY_S });
}

/** Whether an `If-None-Match` header names this weak tag (RFC 9110, 13.1.2). */
function matches(ifNoneMatch: string, etag: string): boolean {
  const bare = (tag: string) => tag.trim().replace(/^W\//, "");
  return ifNoneMatch.split(",").some((tag) => tag.trim() === "*" || bare(tag) === bare(etag));
}
