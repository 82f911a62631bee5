/** Reading: the query and the answer. */
import * as v from "valibot";
import { CommentSchema } from "./comment";
import { type Cursor, parseCursor } from "./cursor";
import { WINDOW_SIZE } from "./limits";
import { type InvalidField, type Outcome, refusal, success } from "./problem";

/** What `GET /api/comments` answers with `200`. */
export const ReadSchema = v.object({
  comments: v.array(CommentSchema),
  removed: v.array(v.string()),
  cursor: v.string(),
  rebuiltAt: v.number(),
  gap: v.boolean(),
  more: v.optional(v.boolean()),
  spare: v.optional(v.literal(true)),
});

export type Read = v.InferOutput<typeof ReadSchema>;

export interface ReadQuery {
  /** The changes after this cursor; absent for the newest comments. */
  since?: Cursor;
  /** 1 to 500. */
  limit: number;
}

const LIMIT_PATTERN = /^\d{1,3}$/;

/** The query in a URL, or `400 invalid_parameter` naming each parameter that is wrong. */
export function parseReadQuery(parameters: URLSearchParams): Outcome<ReadQuery> {
  const errors: InvalidField[] = [];
  const query: ReadQuery = { limit: WINDOW_SIZE };
  for (const name of new Set(parameters.keys())) {
    const [value = "", ...others] = parameters.getAll(name);
    const report = (detail: string) => errors.push({ pointer: `?${name}`, detail });
    if (others.length > 0) {
      report("may be given once");
    } else if (name === "limit") {
      query.limit = LIMIT_PATTERN.test(value) ? Number(value) : 0;
      if (query.limit < 1 || query.limit > WINDOW_SIZE)
        report(`must be a whole number from 1 to ${WINDOW_SIZE}`);
    } else if (name === "since") {
      const cursor = parseCursor(value);
      if (cursor) query.since = cursor;
      else report("must be a cursor that an earlier answer gave");
    } else {
      report("is not a parameter of this address");
    }
  }
  if (errors.length === 0) return success(query);
  const names = errors.map(({ pointer }) => pointer.slice(1)).join(", ");
  return refusal("invalid_parameter", `Not as it should be: ${names}.`, { errors });
}
