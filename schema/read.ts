/** Reading: the query and the answer. */
import * as v from "valibot";
import { CommentSchema, EntitySchema } from "./comment";
import { type Cursor, parseCursor } from "./cursor";
import { ENTITY_MAX_CHARACTERS, HISTORY_PAGE_MAX, WINDOW_SIZE } from "./limits";
import { type Place, parsePlace } from "./place";
import { type InvalidField, type Outcome, refusal, success } from "./problem";

/** The body of `GET /api/comments` with `200`. */
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

/** A page of history. */
export interface HistoryQuery {
  before: Place;
  /** 1 to 100. */
  limit: number;
}

/** Comments that wait for a bot. */
export interface PendingQuery {
  pending: true;
  /** Only comments for this entity or for none. */
  entity?: string;
  /** Only comments for this entity. */
  addressed?: true;
  /** 1 to 500. */
  limit: number;
}

const PARAMETERS = ["since", "before", "pending", "entity", "addressed", "limit"] as const;

/** Each selects its own form of query. */
const FORMS = ["since", "before", "pending"] as const;

type Parameter = (typeof PARAMETERS)[number];

const LIMIT_PATTERN = /^\d{1,3}$/;

/** Parses a URL's query, or returns `400 invalid_parameter` naming each invalid parameter. */
export function parseReadQuery(
  parameters: URLSearchParams,
): Outcome<ReadQuery | HistoryQuery | PendingQuery> {
  const errors: InvalidField[] = [];
  const report = (name: string, detail: string) => errors.push({ pointer: `?${name}`, detail });
  const given: { [Name in Parameter]?: string } = {};
  for (const name of new Set(parameters.keys())) {
    const [value = "", ...others] = parameters.getAll(name);
    if (!isParameter(name)) report(name, "is an unknown parameter");
    else if (others.length > 0) report(name, "must be given only once");
    else given[name] = value;
  }
  const forms = FORMS.filter((name) => given[name] !== undefined);
  if (forms.length > 1)
    for (const name of forms) report(name, "can't be combined with the other forms");

  const since = given.since === undefined ? undefined : parseCursor(given.since);
  if (since === null) report("since", "must be a cursor from an earlier answer");
  const before = given.before === undefined ? undefined : parsePlace(given.before);
  if (before === null)
    report("before", "must be a comment id, or nextBefore from an earlier answer");
  if (given.pending !== undefined && given.pending !== "1") report("pending", "must be 1");
  const entity = given.entity === undefined ? undefined : parseEntity(given.entity);
  if (entity === null) report("entity", `must have 1 to ${ENTITY_MAX_CHARACTERS} characters`);
  if (given.entity !== undefined && given.pending === undefined)
    report("entity", "is only valid with pending=1");
  if (given.addressed !== undefined && given.addressed !== "1") report("addressed", "must be 1");
  if (given.addressed !== undefined && (given.entity === undefined || given.pending === undefined))
    report("addressed", "is only valid with pending=1 and entity");
  const limitMax = given.before === undefined ? WINDOW_SIZE : HISTORY_PAGE_MAX;
  const limit = given.limit === undefined ? limitMax : parseLimit(given.limit);
  if (limit < 1 || limit > limitMax)
    report("limit", `must be a whole number from 1 to ${limitMax}`);

  if (errors.length > 0) {
    const names = new Set(errors.map(({ pointer }) => pointer.slice(1)));
    const detail = `Invalid: ${[...names].join(", ")}.`;
    return refusal("invalid_parameter", detail, { errors });
  }
  if (given.pending) {
    const addressed = given.addressed !== undefined && { addressed: true as const };
    return success({ pending: true, limit, ...(entity && { entity }), ...addressed });
  }
  if (before) return success({ before, limit });
  return success(since ? { since, limit } : { limit });
}

function isParameter(name: string): name is Parameter {
  return (PARAMETERS as readonly string[]).includes(name);
}

function parseEntity(text: string): string | null {
  const result = v.safeParse(EntitySchema, text);
  return result.success ? result.output : null;
}

/** 0 when the text is not a number. */
function parseLimit(text: string): number {
  return LIMIT_PATTERN.test(text) ? Number(text) : 0;
}
