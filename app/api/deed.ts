/** What is done to one comment, at its address or below it, or to the whole wall. */
import type { Outcome } from "#schema/problem";
import type { Caller, CommentsRpc } from "#schema/rpc";
import { answerWith, callerOf, handler, json, readJson, refuse } from "./http";
import { comments, WALL } from "./platform";

/** Said before a body is looked at. */
const NOT_ALLOWED: ReadonlySet<number> = new Set([401, 403]);

export interface CommentContext {
  params: Promise<{ id: string }>;
}

export interface DeedRequest<Params> {
  wall: string;
  caller: Caller;
  /** What the address names: a comment, unless the deed is done to the whole wall. */
  params: Params;
  /** As it came, not yet validated. */
  body: unknown;
}

/**
 * A handler that reads the body and asks the Worker to do it.
 * @param isBodyLarge asks the Worker without a body first, so that nobody makes it read and parse a large one
 * who may not do this
 */
export function deed<Value, Params = { id: string }>(
  ask: (rpc: CommentsRpc, request: DeedRequest<Params>) => Promise<Outcome<Value>>,
  answer: (value: Value) => Response = json,
  readBody: (request: Request) => Promise<Outcome<unknown>> = readJson,
  isBodyLarge = false,
) {
  return handler<{ params: Promise<Params> }>(async (request, context) => {
    const params = await context.params;
    const caller = callerOf(request);
    if (isBodyLarge) {
      const asked = await ask(comments(), { wall: WALL, caller, params, body: undefined });
      if (!asked.ok && NOT_ALLOWED.has(asked.problem.status)) return refuse(asked);
    }
    const body = await readBody(request);
    if (!body.ok) return refuse(body);
    const done = await ask(comments(), { wall: WALL, caller, params, body: body.value });
    return answerWith(done, answer);
  });
}

/** For a deed with nothing to tell. */
export function noContent(): Response {
  return new Response(null, { status: 204 });
}
