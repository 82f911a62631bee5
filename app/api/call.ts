/** Handlers that read a body and pass it on to the Worker in one call. */
import type { Outcome } from "#schema/problem";
import type { Caller, CommentsRpc } from "#schema/rpc";
import { answerWith, json, refuse } from "./http/answers";
import { readJson } from "./http/bodies";
import { requestId } from "./http/request-id";
import { worker } from "./platform";

const NOT_ALLOWED: ReadonlySet<number> = new Set([401, 403]);

/** The parameters of `/api/comments/:id` and the addresses below it. */
export interface OfComment {
  id: string;
}

/** `body` is parsed JSON, not yet validated. */
type Ask<Value, Params> = (
  rpc: CommentsRpc,
  caller: Caller,
  body: unknown,
  params: Params,
) => Promise<Outcome<Value>>;

interface CallOptions<Value> {
  answer?: (value: Value) => Response;
  readBody?: (request: Request) => Promise<Outcome<unknown>>;
  /** Asks without a body first, so that a caller who lacks the token can't make us read and parse a large one. */
  isBodyLarge?: boolean;
}

export function call<Value, Params>(
  ask: Ask<Value, Params>,
  { answer = json, readBody = readJson, isBodyLarge = false }: CallOptions<Value> = {},
) {
  return async (request: Request, params: Params): Promise<Response> => {
    const caller = callerOf(request);
    if (isBodyLarge) {
      const asked = await ask(worker(), caller, undefined, params);
      if (!asked.ok && NOT_ALLOWED.has(asked.problem.status)) return refuse(asked);
    }
    const body = await readBody(request);
    if (!body.ok) return refuse(body);
    return answerWith(await ask(worker(), caller, body.value, params), answer);
  };
}

/** As `call`, for a route without a body. */
export function callWithoutBody<Value, Params>(
  ask: (rpc: CommentsRpc, caller: Caller, params: Params) => Promise<Outcome<Value>>,
) {
  return async (request: Request, params: Params): Promise<Response> =>
    answerWith(await ask(worker(), callerOf(request), params));
}

/**
 * The bearer token, and the address that Cloudflare's edge saw, which no client can set. An `Authorization`
 * header of another form counts as a wrong token.
 */
export function callerOf(request: Request): Caller {
  const { headers } = request;
  const authorization = headers.get("Authorization");
  const address = headers.get("CF-Connecting-IP");
  return {
    request: requestId(request),
    ...(authorization !== null && { token: /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? "" }),
    ...(address !== null && { address }),
  };
}
