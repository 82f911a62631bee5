/** What is done to one comment, at its address or below it: `PATCH`, `DELETE`, claim, release. */
import type { Outcome } from "#schema/problem";
import type { Caller, CommentsRpc } from "#schema/rpc";
import { callerOf, handler, json, readJson, refuse } from "./http";
import { comments, WALL } from "./platform";

export interface CommentContext {
  params: Promise<{ id: string }>;
}

interface DeedRequest {
  wall: string;
  caller: Caller;
  id: string;
  /** As it came, not yet validated. */
  body: unknown;
}

/** A handler that reads the body and asks the Worker to do it. */
export function deed<Value>(
  ask: (rpc: CommentsRpc, request: DeedRequest) => Promise<Outcome<Value>>,
  answer: (value: Value) => Response = json,
  readBody = readJson,
) {
  return handler<CommentContext>(async (request, { params }) => {
    const { id } = await params;
    const body = await readBody(request);
    if (!body.ok) return refuse(body);
    const caller = callerOf(request);
    const done = await ask(comments(), { wall: WALL, caller, id, body: body.value });
    return done.ok ? answer(done.value) : refuse(done);
  });
}

/** For a deed with nothing to tell. */
export function noContent(): Response {
  return new Response(null, { status: 204 });
}
