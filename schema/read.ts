/** Reading: the query and the answer. */
import * as v from "valibot";
import { CommentSchema } from "./comment";
import { type Cursor, parseCursor } from "./cursor";
import { HISTORY_PAGE_MAX, WINDOW_SIZE } from "./limits";
import { type Place, parsePlace } from "./place";
import { type InvalidField, type Outcome, refusal, success } from "./problem";

/** What `GET /api/comments` answers with `200`. */
export const ReadSchema = v.object({
  comments: v.array(CommentSchema),
  removed: v.array(v.string()),
  cursor: v.string(),
  rebuiltAt: v.number(),
  gap: v.boolean(),
  more: v.optional(v.boolean()),
  nextBefore: v.optional(v.nullable(v.string())),
  spare: v.optional(v.literal(true)),
});

export type Read = v.InferOutput<typeof ReadSchema>;

/** A poll. */
export interface ReadQuery {
  /** The changes after this cursor; absent for the newest comments. */
  since?: Cursor;
  /** 1 to 500. */
  limit: number;
}

/** A page of the past. */
export interface HistoryQuery {
  before: Place;
  /** 1 to 100. */
  limit: number;
}

const PARAMETERS = ["since", "before", "limit"] as const;

type Parameter = (typeof PARAMETERS)[number];

const LIMIT_PATTERN = /^\d{1,3}$/;

/** The query in a URL, or `400 invalid_parameter` naming each parameter that is wrong. */
export function parseReadQuery(parameters: URLSearchParams): Outcome<ReadQuery | HistoryQuery> {
  const errors: InvalidField[] = [];
  const report = (name: string, detail: string) => errors.push({ pointer: `?${name}`, detail });
  const given: { [Name in Parameter]?: string } = {};
  for (const name of new Set(parameters.keys())) {
    const [value = "", ...others] = parameters.getAll(name);
    if (!isParameter(name)) report(name, "is not a parameter of this address");
    else if (others.length > 0) report(name, "may be given once");
    else given[name] = value;
  }
  if (given.since !== undefined && given.before !== undefined)
    for (const name of ["since", "before"]) report(name, "may not be given with the other");

  const since = given.since === undefined ? undefined : parseCursor(given.since);
  if (since === null) report("since", "must be a cursor that an earlier answer gave");
  const before = given.before === undefined ? undefined : parsePlace(given.before);
  if (before === null)
    report("before", "must be a comment's id, or nextBefore as an earlier answer gave it");
  const limitMax = given.before === undefined ? WINDOW_SIZE : HISTORY_PAGE_MAX;
  const limit = given.limit === undefined ? limitMax : parseLimit(given.limit);
  if (limit < 1 || limit > limitMax)
    report("limit", `must be a whole number from 1 to ${limitMax}`);

  if (errors.length > 0) {
    const names = new Set(errors.map(({ pointer }) => pointer.slice(1)));
    const detail = `Not as it should be: ${[...names].join(", ")}.`;
    return refusal("invalid_parameter", detail, { errors });
  }
  if (before) return success({ before, limit });
  return success(since ? { since, limit } : { limit });
}

function isParameter(name: string): name is Parameter {
  return (PARAMETERS as readonly string[]).includes(name);
}

/** 0 for what is no number. */
function parseLimit(text: string): number {
  return LIMIT_PATTERN.test(text) ? Number(text) : 0;
}
