/**
 * The live channel of one wall: lets sockets in, takes their messages, and follows the writer.
 *
 * Plain code: the writer, the sockets and the limits are passed in.
 */
import { createHash } from "node:crypto";
import * as v from "valibot";
import type { PresentBot } from "#schema/bots";
import { BODY_MAX_DEPTH, isDeeperThan } from "#schema/check/depth";
import type { Comment } from "#schema/comment";
import { type Cursor, parseCursor } from "#schema/cursor";
import { CACHE_LATE_MS } from "#schema/limits";
import {
  CLOSE,
  LIVE_MESSAGE_MAX_BYTES,
  LIVE_SOCKETS_MAX,
  LIVE_SOCKETS_PER_NETWORK,
  LIVE_SOCKETS_PER_SITE,
  MessageFromPageSchema,
} from "#schema/live/messages";
import { type Outcome, refusal, success } from "#schema/problem";
import type { LiveStatus } from "#schema/status";
import { siteOf } from "../entrypoint/address";
import { DirectPosting } from "../entrypoint/posting";
import type { RateLimits } from "../entrypoint/rate-limit";
import { receive } from "../entrypoint/reception";
import { unavailable } from "../entrypoint/refusals";
import type { SuffixSource } from "../entrypoint/suffix";
import type { Clock } from "../platform/clock";
import type { Log } from "../platform/log";
import { LiveCounts } from "./counts";
import type { Answering, Follower, LiveWriter } from "./follower";
import { Hints } from "./hints";
import { Hub } from "./hub";
import { Presence } from "./presence";
import type { LiveSocket, SocketHost } from "./socket";

/** The shortest time between two frames with changes: on `kv` each batch costs a row in the journal. */
export const BATCH_MS = { kv: 1_000, sqlite: 100 };

/** Refused messages in a row after which a socket is closed. The page sends the message over HTTP then. */
export const REFUSALS_MAX = 10;

/** A page sends at most 20 posts a minute, and a confirmation for each 64 KB. */
export const MESSAGES_PER_MINUTE = 120;

const MINUTE_MS = 60_000;

/** The tag of bots' sockets. The other tags are hashes, which are longer. */
const BOT_TAG = "bot";

/** Hints follow the frames that were due at the same time. */
const HINTS_AFTER_FRAMES_MS = 50;

/** A page that was refused polls, and tries again after this long. */
const RETRY_AFTER_S = 60;

export interface RoomParts<Client> {
  clock: Clock;
  log: (wall: string) => Log;
  host: SocketHost<Client>;
  /**
   * The writer of this wall, or of the stored one. Opening a writer calls `follow`.
   * @throws when the wall was cleared and has no name yet.
   */
  writer: (wall?: string) => LiveWriter;
  /** Notes the sender of a new message, for moderation. */
  noteSender: (id: string, network: string) => void;
  limits: (wall: string) => Pick<RateLimits, "post">;
  suffixes: SuffixSource;
}

/** A request to open a socket, checked by the entrypoint. */
export interface Opening {
  wall: string;
  since: Cursor;
  /** The client's network (`networkOf`). */
  network: string;
  /** The names of the bots whose channel it is; the entrypoint has checked their token. */
  bots?: readonly string[] | undefined;
}

interface Followed {
  wall: string;
  writer: LiveWriter;
  hub: Hub;
  hints: Hints;
  isSqlite: boolean;
}

export class LiveRoom<Client = unknown> implements Follower {
  readonly #parts: RoomParts<Client>;
  readonly #counts = new LiveCounts();
  readonly #presence = new Presence();
  #followed: Followed | null = null;
  /** Messages of each socket in the current minute. Hibernation may forget it. */
  readonly #rates = new WeakMap<LiveSocket, { minute: number; count: number }>();

  constructor(parts: RoomParts<Client>) {
    this.#parts = parts;
  }

  /** A writer was opened, and has committed nothing yet. */
  follow(wall: string, writer: LiveWriter, ledger: "kv" | "sqlite"): void {
    const { clock, log, host } = this.#parts;
    const isSqlite = ledger === "sqlite";
    const hub = new Hub({
      clock,
      log: log(wall),
      sockets: () => host.open(),
      source: writer.feed,
      counts: this.#counts,
      intervalMs: BATCH_MS[ledger],
      terms: isSqlite ? { posts: true } : { posts: false, beatS: CACHE_LATE_MS / 1_000 },
    });
    const hints = new Hints({
      clock,
      browsers: () => host.open().filter(({ note }) => note.bots === undefined),
      bots: () => this.#presentBots().map(({ name }) => name),
      send: (sockets, messages) => hub.send(sockets, messages),
      waitMs: BATCH_MS[ledger] + HINTS_AFTER_FRAMES_MS,
    });
    this.#followed = { wall, writer, hub, hints, isSqlite };
  }

  /** The wall was cleared or moved: its sockets are closed, and their pages poll and come back. */
  end(reason: string): void {
    this.#followed?.hub.end(CLOSE.restart, reason);
    this.#followed?.hints.end();
    this.#followed = null;
  }

  get isFollowing(): boolean {
    return this.#parts.host.open().length > 0;
  }

  /** Reading it also tells browsers which bots came or went. */
  get bots(): readonly PresentBot[] {
    this.#followed?.hints.look();
    return this.#presentBots();
  }

  /** A bot reads its pending messages. */
  seen(name: string): void {
    this.#presence.seen(name, this.#parts.clock.now());
    this.#followed?.hints.look();
  }

  changed(): void {
    this.#followed?.hub.changed();
    this.#followed?.hints.look();
  }

  rebuilt(): void {
    const { hub, hints, isSqlite } = this.#followed ?? {};
    if (!isSqlite) hub?.rebuilt();
    hints?.look();
  }

  answering(answering: Answering): void {
    this.#followed?.hints.answering(answering);
  }

  status(): LiveStatus {
    return this.#counts.toStatus(this.#parts.host.open().length);
  }

  /**
   * Opens a socket and sends it the first frame. Returns the client's end, or a refusal.
   * @throws when the wall can't be read
   */
  async open({ wall, since, network, bots }: Opening): Promise<Outcome<Client>> {
    const { host, writer } = this.#parts;
    const tags = tagsOf(network);
    const refused = this.#refuseMore(tags);
    if (refused) return refused;
    await writer(wall).beBuilt();
    // Many may have waited for the same rebuild, and the wall may have been moved meanwhile.
    const late = this.#refuseMore(tags);
    if (late) return late;
    const { hub, hints, ...followed } = this.#follow(wall);
    followed.writer.feed.commit();
    const seen = followed.writer.feed.cursor.sequence;
    const note = { network, seen, refusals: 0, ...(bots && { bots }) };
    const { socket, client } = host.accept(bots ? [...tags, BOT_TAG] : tags, note);
    hub.welcome(socket, since);
    if (bots) hints.look();
    else hints.opened(socket);
    return success(client);
  }

  /** Takes a page's message. Never throws. */
  async message(socket: LiveSocket, data: string | ArrayBuffer): Promise<void> {
    try {
      await this.#take(socket, data);
    } catch {
      // The wall was cleared, or can't be opened.
      this.#counts.countClosed(socket, CLOSE.restart);
      try {
        socket.close(CLOSE.restart, "no wall");
      } catch {
        // It is closed already.
      }
    }
  }

  /** A socket is gone, or its page closes it. */
  closed(socket: LiveSocket, code: number): void {
    this.#counts.countClosed(socket, code);
    // A bot that only lost its channel reads its pending messages at once.
    for (const name of socket.note.bots ?? []) this.#presence.forget(name);
    this.#followed?.hints.closed();
  }

  #presentBots(): PresentBot[] {
    const { host, clock } = this.#parts;
    const connected = host.open(BOT_TAG).flatMap(({ note }) => note.bots ?? []);
    return this.#presence.bots(connected, clock.now());
  }

  async #take(socket: LiveSocket, data: string | ArrayBuffer): Promise<void> {
    if (this.#counts.isClosed(socket)) return;
    const { hub, ...followed } = this.#follow();
    this.#counts.messages += 1;
    if (this.#isTooFast(socket)) return hub.close(socket, CLOSE.violation, "too many messages");
    if (isTooLong(data)) return hub.close(socket, CLOSE.tooLong, "message too long");
    const message = parse(data);
    if (!message) return hub.close(socket, CLOSE.violation, "not a message");
    if ("post" in message) return this.#post(socket, message.post, { hub, ...followed });
    const cursor = parseCursor(message.seen);
    if (!cursor) return hub.close(socket, CLOSE.violation, "not a cursor");
    if (cursor.store === followed.writer.feed.cursor.store) hub.seen(socket, cursor.sequence);
  }

  async #post(socket: LiveSocket, body: { nonce: string }, followed: Followed): Promise<void> {
    const { hub } = followed;
    const { note } = socket;
    const outcome = await this.#receive(body, note.network, followed);
    if (outcome.ok) {
      this.#counts.posts += 1;
      if (note.refusals > 0) socket.note = { ...socket.note, refusals: 0 };
      return hub.answer(socket, { posted: body.nonce, ...outcome.value });
    }
    const { problem, retryAfterSeconds } = outcome;
    hub.answer(socket, {
      refused: body.nonce,
      problem,
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    });
    // A wall that can't take messages is not the sender's fault.
    if (problem.status >= 500) return;
    const refusals = socket.note.refusals + 1;
    socket.note = { ...socket.note, refusals };
    if (refusals >= REFUSALS_MAX) hub.close(socket, CLOSE.violation, "refused too often");
  }

  async #receive(body: unknown, network: string, { wall, writer, isSqlite }: Followed) {
    const { clock, limits, suffixes, noteSender, log } = this.#parts;
    if (!isSqlite)
      return refusal("not_found", "This wall takes messages over HTTP only, as the terms said.");
    const reception = {
      clock,
      suffixes,
      limits: limits(wall),
      isPaused: async () => writer.isPaused,
      known: (comment: Comment) => writer.firstCopy(comment),
      posting: () => new DirectPosting((draft, from) => writer.append(draft, from), noteSender),
    };
    try {
      return await receive(reception, { role: "anyone", network }, body);
    } catch (error) {
      log(wall)("post refused", { error });
      return unavailable("The comment could not be stored. Send it again, with the same nonce.");
    }
  }

  #follow(wall?: string): Followed {
    this.#parts.writer(wall);
    if (!this.#followed) throw new Error("the writer that was opened is not followed");
    return this.#followed;
  }

  #refuseMore(tags: readonly string[]) {
    const { host } = this.#parts;
    const [network, site] = tags;
    const isFull = host.count() >= LIVE_SOCKETS_MAX;
    const ofNetwork = network !== undefined && host.count(network) >= LIVE_SOCKETS_PER_NETWORK;
    const ofSite = site !== undefined && host.count(site) >= LIVE_SOCKETS_PER_SITE;
    if (!isFull && !ofNetwork && !ofSite) return null;
    const retry = { retryAfterSeconds: RETRY_AFTER_S };
    const refused = isFull
      ? refusal("unavailable", "Too many live channels are open. Poll.", retry)
      : refusal("rate_limited", "Too many live channels from your network. Poll.", retry);
    this.#counts.countRefused(refused.problem.status);
    return refused;
  }

  #isTooFast(socket: LiveSocket): boolean {
    const minute = Math.floor(this.#parts.clock.now() / MINUTE_MS);
    const rate = this.#rates.get(socket);
    const count = rate?.minute === minute ? rate.count + 1 : 1;
    this.#rates.set(socket, { minute, count });
    return count > MESSAGES_PER_MINUTE;
  }
}

/** The network and, for IPv6, the site, as hashes: a tag must not show an address. */
function tagsOf(network: string): string[] {
  const site = siteOf(network);
  return site === null ? [tagOf(network)] : [tagOf(network), tagOf(site)];
}

function tagOf(network: string): string {
  return createHash("sha256").update(network).digest("base64url");
}

function isTooLong(data: string | ArrayBuffer): boolean {
  if (typeof data !== "string") return data.byteLength > LIVE_MESSAGE_MAX_BYTES;
  // A code unit takes one to three bytes, so most texts need not be encoded.
  if (data.length > LIVE_MESSAGE_MAX_BYTES) return true;
  if (3 * data.length <= LIVE_MESSAGE_MAX_BYTES) return false;
  return new TextEncoder().encode(data).length > LIVE_MESSAGE_MAX_BYTES;
}

function parse(data: string | ArrayBuffer) {
  if (typeof data !== "string") return null;
  try {
    const value: unknown = JSON.parse(data);
    if (isDeeperThan(BODY_MAX_DEPTH, value)) return null;
    const result = v.safeParse(MessageFromPageSchema, value);
    return result.success ? result.output : null;
  } catch {
    return null;
  }
}
