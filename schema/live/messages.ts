/**
 * The messages of the live channel, `GET /api/live?since=CURSOR` with an upgrade to a WebSocket. Each is one JSON text.
 *
 * The channel is a hint beside the poll: whoever cannot have it polls. Sockets outlive releases of the page, so fields
 * are only added, and both sides ignore what they do not know.
 */
import * as v from "valibot";
import { strictObject } from "../check/strict-object";
import { CommentSchema } from "../comment";
import { ReadSchema } from "../read";

export const LIVE_PATH = "/api/live";

/** The most bots that one channel makes present. */
export const LIVE_ENTITIES_MAX = 10;

/**
 * The address of the channel at a wall; `wall` is without a trailing slash. With `entities` it is a bot's channel, which
 * needs the bot token.
 */
export function liveUrl(wall: string, since: string, entities: readonly string[] = []): string {
  const url = new URL(`${wall}${LIVE_PATH}`);
  url.protocol = url.protocol.replace("http", "ws");
  url.searchParams.set("since", since);
  for (const entity of entities) url.searchParams.append("entity", entity);
  return url.href;
}

/** The longest message that the wall accepts, in bytes. */
export const LIVE_MESSAGE_MAX_BYTES = 8 * 1024;

/** A page confirms what it received after this many bytes. */
export const LIVE_SEEN_EVERY_BYTES = 64 * 1024;

/** A socket that was sent this many bytes without a confirmation is closed with `TRY_AGAIN_LATER`. */
export const LIVE_UNSEEN_MAX_BYTES = 256 * 1024;

/**
 * Open sockets of a wall. At 5,000 frames a second, so many get one frame each 2 s; the platform holds at most 32,768
 * for an object.
 */
export const LIVE_SOCKETS_MAX = 10_000;

/** Open sockets of one network: a browser has one, and an office or a school shares an address. */
export const LIVE_SOCKETS_PER_NETWORK = 20;

/** The same for all networks of one IPv6 site (a /48) together, as with posts. */
export const LIVE_SOCKETS_PER_SITE = 5 * LIVE_SOCKETS_PER_NETWORK;

/** Sent as it is, and answered by the runtime: proves that the wire works, not that the wall does. */
export const PING = "ping";
export const PONG = "pong";

/** Why the wall closes a socket (RFC 6455, section 7.4, and the registry of close codes). */
export const CLOSE = {
  /** A message that is none of those below, or message after message that is refused. */
  violation: 1008,
  tooLong: 1009,
  /** The wall restarts, or was emptied, moved or restored. */
  restart: 1012,
  /** Too many sockets, or one that reads too slowly. */
  tryAgainLater: 1013,
} as const;

/**
 * The code with which a page closes a channel that missed a change, so that the status counts it: a read found
 * something that no frame had brought.
 */
export const CLOSE_MISSED = 4_001;

/** A page tests a channel that was silent for this long with a ping. */
export const LIVE_PING_AFTER_MS = 10_000;

/** A channel that said nothing for this long, not even to a ping, is given up. */
export const LIVE_SILENCE_MAX_MS = 25_000;

/**
 * The answer that a poll with `since` would get at this moment. The first frame answers the `since` of the request and carries
 * the terms of the channel. A page whose cursor is behind `since`, or that gets `gap` or `more`, polls.
 */
export const FrameSchema = v.object({
  since: v.string(),
  ...ReadSchema.entries,
  /** How long frames vouch that nothing is missing without a read, in seconds. The newest one counts. */
  auditS: v.optional(v.number()),
  /** Whether the wall takes messages from this channel. First frame. */
  posts: v.optional(v.boolean()),
  /** On `kv`: a frame comes at least this often, in seconds. First frame. */
  beatS: v.optional(v.number()),
});

/** A message was stored, or was known already: as good as a `201` or `200`. */
export const PostedSchema = v.object({
  posted: v.string(),
  comment: CommentSchema,
  created: v.boolean(),
});

/** A message was refused, with the problem that a `POST` would have been answered with. */
export const RefusedSchema = v.object({
  refused: v.string(),
  problem: v.object({
    status: v.number(),
    code: v.string(),
    detail: v.string(),
    errors: v.optional(v.array(v.object({ pointer: v.string(), detail: v.string() }))),
  }),
  retryAfterSeconds: v.optional(v.number()),
});

/** How many browsers are connected. A hint, which may be lost. Bots' channels get no hints. */
export const HereSchema = v.object({ here: v.number() });

/** All bots that are present, by name. A hint. */
export const BotsSchema = v.object({ bots: v.array(v.string()) });

/** A bot works on an answer to a message until `until`, in ms; 0 when it ended. A hint. */
export const AnsweringSchema = v.object({
  answering: v.object({ id: v.string(), name: v.string(), until: v.number() }),
});

/** A message of a person: `post` is the body of a `POST` with a nonce. */
const PostMessageSchema = strictObject({ post: v.looseObject({ nonce: v.string() }) });

/** Everything up to this cursor has arrived. */
const SeenMessageSchema = strictObject({ seen: v.string() });

export const MessageFromPageSchema = v.union([PostMessageSchema, SeenMessageSchema]);

export type Frame = v.InferOutput<typeof FrameSchema>;
export type PostedMessage = v.InferOutput<typeof PostedSchema>;
export type RefusedMessage = v.InferOutput<typeof RefusedSchema>;
export type MessageFromPage = v.InferOutput<typeof MessageFromPageSchema>;
