/** Reads the wall's messages on the live channel. */
import * as v from "valibot";
import { parseCursor } from "#schema/cursor";
import {
  AnsweringSchema,
  BotsSchema,
  FrameSchema,
  HereSchema,
  PostedSchema,
  RefusedSchema,
} from "#schema/live/messages";

const FromWallSchema = v.union([
  FrameSchema,
  PostedSchema,
  RefusedSchema,
  HereSchema,
  BotsSchema,
  AnsweringSchema,
]);

interface Unreadable {
  /** Whether it was meant to be a frame, which brought changes. */
  isFrame: boolean;
  /** The cursor that it leads to, if at least that can be read. */
  cursor: string | null;
}

/** A message; `unreadable` if it is none that this release knows. */
export function readMessage(
  text: string,
): v.InferOutput<typeof FromWallSchema> | { unreadable: Unreadable } {
  const message = parsed(text);
  const result = v.safeParse(FromWallSchema, message);
  if (result.success) return result.output;
  if (typeof message !== "object" || message === null || !("since" in message))
    return { unreadable: { isFrame: false, cursor: null } };
  const { cursor } = message as { cursor?: unknown };
  const isCursor = typeof cursor === "string" && parseCursor(cursor) !== null;
  return { unreadable: { isFrame: true, cursor: isCursor ? cursor : null } };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
