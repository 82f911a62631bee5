/**
 * What the route handlers call: stateless but for the replica, near the caller.
 *
 * Plain code: the runtime's parts are passed in, so that it runs under simulation unchanged.
 */

import type { GenericSchema, InferOutput } from "valibot";
import type { Sync } from "#schema/change";
import {
  ClaimSchema,
  type Comment,
  DraftSchema,
  isStoredComment,
  PatchSchema,
  ReleaseSchema,
  type StoredComment,
} from "#schema/comment";
import { type Cursor, formatCursor } from "#schema/cursor";
import { isId, makeId } from "#schema/id";
import { WINDOW_SIZE } from "#schema/limits";
import {
  type Moderation,
  PauseSchema,
  RemovalSchema,
  type RemovedOfSender,
  SenderRemovalSchema,
} from "#schema/moderation";
import { type Outcome, type Refusal, refusal, success } from "#schema/problem";
import type { HistoryQuery, PendingQuery, Read, ReadQuery } from "#schema/read";
import type { Caller, CommentsRpc, Posted, SerialisedPage, SerialisedRead } from "#schema/rpc";
import { parseSpare } from "#schema/spare";
import type { Status } from "#schema/status";
import { validate } from "#schema/validate";
import { networkOf } from "./address";
import type { Clock } from "./clock";
import { denial, makeComment } from "./draft";
import { type HistoryParts, readHistory } from "./history";
import type { Ledger, Spare } from "./ledger/ledger";
import type { Log } from "./log";
import type { Overlay, Stretch } from "./overlay";
import type { RateLimits } from "./rate-limit";
import type { Accepted, Claimed, Found, Released, Removed } from "./rebuilder";
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

/** An answer of the rebuilder is served this long without asking again. */
const FRESH_MS = 700;

/** While somebody asks again it is served a little longer: never older than a second. */
const FRESH_WHILE_REFRESHING_MS = 1_000;

/** How long the rebuilder may take before it counts as away. */
const REBUILDER_TIMEOUT_MS = 3_000;

/** A rebuilder that was away is asked again after this long. */
const AWAY_MS = 1_000;

/** The waits between the tries of a notice. */
const NOTICE_RETRY_MS = [200, 800];

/** How old what an isolate knows of a pause may be. */
const PAUSE_KNOWN_MS = 10_000;

/** How long a post waits to hear of a pause: a rebuilder that is away must not hold it up. */
const PAUSE_WAIT_MS = 500;

/** When a post that a pause refused may be tried again. */
const PAUSE_RETRY_S = 10;

const SENDER_UNKNOWN =
  "Who sent this is not known: with a token, over a week ago, or just now. Remove it by itself.";

const NOT_STORED = "The comment could not be stored. Send it again, with the same nonce.";

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

/** What the entrypoint asks of the single writer; every call names the wall. */
export interface RebuilderRpc {
  /** A `Sync` as JSON: bytes cost less between isolates than 500 objects. */
  sync(wall: string, since?: Cursor): Promise<string>;
  /** `network` says from where it was sent, where moderation may ask for that. */
  notice(wall: string, comment: StoredComment, network?: string): Promise<void>;
  overlay(wall: string, stretch: Stretch, listed: readonly string[]): Promise<Overlay>;
  find(wall: string, id: string): Promise<Found>;
  patch(wall: string, id: string, processed: boolean): Promise<Found>;
  claim(wall: string, id: string, bot: string, seconds: number): Promise<Claimed>;
  release(wall: string, id: string, bot: string): Promise<Released>;
  remove(wall: string, id: string, reason?: string): Promise<Removed>;
  removeSender(wall: string, id: string, reason?: string): Promise<RemovedOfSender | null>;
  pause(wall: string, paused: boolean, reason?: string): Promise<Pick<Moderation, "paused">>;
  moderation(wall: string): Promise<Moderation>;
  /** A `Read` as JSON. */
  pending(wall: string, query: PendingQuery): Promise<string>;
  accept(wall: string, comment: StoredComment): Promise<Accepted | null>;
  status(wall: string): Promise<Status>;
}

/** Texts shared for a second by the isolates of one data centre. */
export interface SharedCache {
  get(key: string): Promise<string | null>;
  put(key: string, text: string): Promise<void>;
}

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

export class CommentsService implements WithoutWall<CommentsRpc> {
  readonly #parts: CommentsParts;

  constructor(parts: CommentsParts) {
    this.#parts = parts;
  }

  async read(query: ReadQuery, ifNoneMatch?: string): Promise<Outcome<SerialisedRead>> {
    const { replica } = this.#parts;
    await this.#refresh(query);
    if (replica.isUnread) return unavailable("The wall can't be read right now.");
    const { etag, body } = replica.read(query);
    const unchanged = ifNoneMatch !== undefined && matches(ifNoneMatch, etag);
    return success({ etag, rebuiltAt: replica.rebuiltAt, body: unchanged ? null : body() });
  }

  async history(caller: Caller, query: HistoryQuery): Promise<Outcome<SerialisedPage>> {
    const { clock, ledger, limits, replica, wall, log } = this.#parts;
    if (!this.#isTrusted(caller) && !(await limits.history(networkOf(caller.address))))
      return rateLimited("Too much of the past at once from your address. Go on in a minute.");
    await this.#refresh({ limit: 1 });
    if (replica.isUnread) return unavailable("The wall can't be read right now.");
    const overlay: HistoryParts["overlay"] = async (stretch, listed) => {
      if (clock.now() < replica.awayUntil) return null;
      try {
        return await this.#ask((rebuilder) => rebuilder.overlay(wall, stretch, listed));
      } catch (error) {
        log("rebuilder away", { error });
        return null;
      }
    };
    try {
      const page = await readHistory(query, { ledger, overlay, log });
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
      return outcomeOf(await this.#ask((rebuilder) => rebuilder.find(wall, id)));
    } catch {
      const shown = replica.view?.window.find((comment) => comment.id === id);
      if (shown) return success(shown);
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
    const { clock, ledger, limits, replica, suffixes, wall, background, log } = this.#parts;
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
    if (await this.#isPaused()) return postingPaused();
    if (type === "bot" && nonce !== undefined) return this.#postExactly(comment);
    const network = role === "anyone" ? networkOf(caller.address) : undefined;
    if (network !== undefined && !(await limits.post(network)))
      return rateLimited("Too many messages from your address. Send it again in a minute.");
    try {
      await ledger.append({ ...comment, sequence: 0 });
    } catch (error) {
      log("ledger refused", { error });
      return unavailable(NOT_STORED);
    }
    replica.rememberPost(comment);
    background(this.#notify(wall, { ...comment, sequence: 0 }, network));
    return success({ comment, created: true });
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

  /** What waits for a bot: from the rebuilder itself, never from the spare. */
  async pending(query: PendingQuery): Promise<Outcome<SerialisedPage>> {
    const { wall, log } = this.#parts;
    try {
      const text = await this.#ask((rebuilder) => rebuilder.pending(wall, query));
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
      return await this.#ask((rebuilder) => rebuilder.status(wall));
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
        ...status,
      };
    }
  }

  /** A bot's message with a nonce: it gets its id from the single writer, which knows every attempt. */
  async #postExactly(comment: Comment): Promise<Outcome<Posted>> {
    const { ledger, wall, background, log } = this.#parts;
    try {
      const draft = { ...comment, sequence: 0 };
      const accepted = await this.#ask((rebuilder) => rebuilder.accept(wall, draft));
      if (!accepted) return unavailable(NOT_STORED);
      if (!accepted.isStored) {
        await ledger.append(accepted.comment);
        background(this.#notify(wall, accepted.comment));
      }
      return success({ comment: toComment(accepted.comment), created: accepted.isNew });
    } catch (error) {
      log("post refused", { error });
      return unavailable(NOT_STORED);
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
      return await this.#ask((rebuilder) => ask(rebuilder, wall, valid.value));
    } catch (error) {
      log("rebuilder away", { error });
      return unavailable(away);
    }
  }

  /** Whether the wall takes no messages, as far as can be told without holding anyone up. */
  async #isPaused(): Promise<boolean> {
    const { clock, replica } = this.#parts;
    if (clock.now() - replica.askedAt > PAUSE_KNOWN_MS)
      await Promise.race([this.#refresh({ limit: 1 }), clock.sleep(PAUSE_WAIT_MS)]);
    return replica.isPaused;
  }

  /** Brings the replica to at most a second of age, or, with the rebuilder away, to the best there is. */
  async #refresh(query: ReadQuery): Promise<void> {
    const { clock, replica } = this.#parts;
    const now = clock.now();
    const age = now - replica.askedAt;
    if (now < replica.awayUntil) {
      // Another request has found the rebuilder away, and may still wait for the snapshot.
      if (replica.isUnread) await this.#readSpare();
      return;
    }
    const isRefreshing = now - replica.refreshingSince < FRESH_WHILE_REFRESHING_MS;
    const isFresh = age <= FRESH_MS || (age <= FRESH_WHILE_REFRESHING_MS && isRefreshing);
    const lacks = replica.lacks(query);
    if (isFresh && !lacks) return;
    replica.refreshingSince = now;
    try {
      const held = replica.view?.cursor;
      replica.absorb(...(await this.#sync(held)));
      // Another isolate's or page's older cursor: its deltas are asked for once, and kept.
      if (replica.lacks(query)) replica.absorb(...(await this.#sync(query.since)));
    } catch (error) {
      this.#parts.log("rebuilder away", { error });
      await this.#fallBack();
    } finally {
      replica.refreshingSince = 0;
    }
  }

  /** The rebuilder's answer and when it was asked, through the data centre's cache. */
  async #sync(since: Cursor | undefined): Promise<[Sync, number]> {
    const { clock, shared, wall, replica } = this.#parts;
    const key = `${wall}/${since ? formatCursor(since) : ""}`;
    const cached = parseShared(await shared.get(key));
    const isFresh = cached && clock.now() - cached.askedAt <= FRESH_MS;
    // One that is behind what is held can tell nothing of the changes up to it.
    if (isFresh && !replica.isAhead(cached.sync)) return [cached.sync, cached.askedAt];
    const askedAt = clock.now();
    const text = await this.#ask((rebuilder) => rebuilder.sync(wall, since));
    this.#parts.background(shared.put(key, `${askedAt} ${text}`));
    return [JSON.parse(text), askedAt];
  }

  async #fallBack(): Promise<void> {
    const { clock, replica } = this.#parts;
    replica.away(clock.now() + AWAY_MS);
    await this.#readSpare();
  }

  async #readSpare(): Promise<void> {
    const { ledger, replica, log } = this.#parts;
    try {
      const published = await ledger.readSpare();
      replica.absorbSpare(published === null ? null : parseSpare(published));
    } catch (error) {
      // Whoever has seen nothing yet must not be shown an empty wall for a full one.
      replica.isUnread = replica.view === null;
      log("spare refused", { error });
    }
  }

  /** Asks the rebuilder, in bounded time; once more where the platform says that this may help. */
  async #ask<T>(question: (rebuilder: RebuilderRpc) => Promise<T>): Promise<T> {
    const { clock, rebuilder } = this.#parts;
    const late = clock.sleep(REBUILDER_TIMEOUT_MS).then(() => {
      throw new Error("the rebuilder did not answer in time");
    });
    late.catch(() => {});
    try {
      return await Promise.race([question(rebuilder()), late]);
    } catch (error) {
      if (!isRetryable(error)) throw error;
      return await Promise.race([question(rebuilder()), late]);
    }
  }

  /** Tells the rebuilder of a comment. A hint: should every try fail, its list will find the key. */
  async #notify(wall: string, comment: StoredComment, network?: string): Promise<void> {
    const { clock, rebuilder, log } = this.#parts;
    for (const wait of [...NOTICE_RETRY_MS, null]) {
      try {
        return await rebuilder().notice(wall, comment, network);
      } catch (error) {
        if (wait === null) log("notice lost", { id: comment.id, error });
        else await clock.sleep(wait);
      }
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

function postingPaused(): Refusal {
  const detail = "Posting is paused by the wall's keepers. Send it again later.";
  return refusal("posting_paused", detail, { retryAfterSeconds: PAUSE_RETRY_S });
}

/** Whether an `If-None-Match` header names this weak tag (RFC 9110, 13.1.2). */
function matches(ifNoneMatch: string, etag: string): boolean {
  const bare = (tag: string) => tag.trim().replace(/^W\//, "");
  return ifNoneMatch.split(",").some((tag) => tag.trim() === "*" || bare(tag) === bare(etag));
}

function parseShared(text: string | null): { askedAt: number; sync: Sync } | null {
  const space = text?.indexOf(" ") ?? -1;
  if (!text || space < 0) return null;
  return { askedAt: Number(text.slice(0, space)), sync: JSON.parse(text.slice(space + 1)) };
}

/** The platform marks errors after which a new stub may do better; overload is none of them. */
function isRetryable(error: unknown): boolean {
  const marks = error as { retryable?: boolean; overloaded?: boolean } | null;
  return marks?.retryable === true && marks.overloaded !== true;
}
