/**
 * Schemas of what the page reads back from its browser: storage and other tabs. Either may have been
 * written by another release, by another page of this origin or by hand, so nothing of it is
 * believed. Loaded after the first paint.
 */
import * as v from "valibot";
import { CommentSchema, draftFields } from "#schema/comment";
import { AnsweringSchema, BotsSchema, HereSchema } from "#schema/live/messages";
import { ReadSchema } from "#schema/read";
import type { OutgoingMessage } from "../wall/outbox";
import type { Heard } from "../wall/wall";
import type { KeptWall } from "../wall/wall-store";

/** The latest time that a `Date` can have; formatting a later one throws. */
const TIME_MAX_MS = 8_640_000_000_000_000;
const time = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(TIME_MAX_MS));

const comment = v.object({ ...CommentSchema.entries, timestamp: time });

const KeptWallSchema = v.object({
  cursor: v.string(),
  comments: v.array(comment),
  holes: v.array(v.tuple([v.string(), v.string()])),
});

/** Fields that the outbox adds for itself, such as the last failure, are dropped. */
const OutgoingSchema = v.object({
  ...draftFields,
  nonce: v.string(),
  writtenAt: time,
});

const HintSchema = v.object({
  here: v.exactOptional(HereSchema.entries.here),
  bots: v.exactOptional(BotsSchema.entries.bots),
  answering: v.exactOptional(AnsweringSchema.entries.answering),
});

const HeardSchema = v.variant("kind", [
  v.object({
    kind: v.literal("answer"),
    asked: v.object({ since: v.exactOptional(v.string()) }),
    answer: v.object({
      read: v.nullable(v.object({ ...ReadSchema.entries, comments: v.array(comment) })),
      rebuiltAt: v.number(),
      etag: v.nullable(v.string()),
      answeredAt: v.nullable(v.number()),
      vouched: v.exactOptional(v.literal(true)),
    }),
  }),
  v.object({ kind: v.literal("failure") }),
  v.object({ kind: v.literal("confirmed"), comment }),
  v.object({ kind: v.literal("hint"), hint: v.nullable(HintSchema) }),
]);

/** The wall of an earlier visit; `null` if any part of it doesn't fit: it can be read again. */
export function parseKeptWall(stored: unknown): KeptWall | null {
  const result = v.safeParse(KeptWallSchema, stored);
  return result.success ? result.output : null;
}

/** The unsent messages of this tab's earlier page; those that don't fit are dropped. */
export function parseOutbox(stored: string): OutgoingMessage[] {
  let messages: unknown;
  try {
    messages = JSON.parse(stored);
  } catch {
    return [];
  }
  if (!Array.isArray(messages)) return [];
  return messages.flatMap((message) => {
    const result = v.safeParse(OutgoingSchema, message);
    return result.success ? [{ ...result.output, state: "sending" as const }] : [];
  });
}

/** An event of another tab; `null` if it doesn't fit. */
export function parseHeard(data: unknown): Heard | null {
  const result = v.safeParse(HeardSchema, data);
  return result.success ? result.output : null;
}
