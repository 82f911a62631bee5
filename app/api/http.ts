/** HTTP in and out: bodies and tokens in, outcomes out. */
import { isDeeperThan } from "#schema/depth";
import { BODY_MAX_BYTES } from "#schema/limits";
import { type Outcome, type Refusal, refusal, success } from "#schema/problem";
import type { Caller } from "#schema/rpc";
import { API_HEADERS } from "../security-headers.mjs";
import { allowReading, isForeign, preflight } from "./origin";
import { allowedOrigins, WALL } from "./platform";
import { requestId } from "./request-id";

/** A body that is far too large is not even read to its end. */
const DISCARD_MAX_BYTES = 10 * 1_024 * 1_024;

/** The deepest body that means something has two levels; what is thousands deep can't be passed on. */
const BODY_MAX_DEPTH = 8;

/** Longer than the name of any coding that there is. */
const CODING_SHOWN_MAX_CHARACTERS = 40;

type Handler<Context> = (request: Request, context: Context) => Promise<Response>;

/** A handler that no page of another site gets to, and whose answers have the API's headers, or their own. */
export function handler<Context = unknown>(handle: Handler<Context>): Handler<Context> {
  return async (request, context) => {
    const foreign = isForeign(request, allowedOrigins());
    const response = await answer(foreign ? refuseForeign : handle, request, context);
    if (!foreign) allowReading(request, response.headers);
    // Who gets a 304 has them already; on an idle wall they were nearly half of what a poll weighs.
    if (response.status !== 304)
      for (const [name, value] of Object.entries(API_HEADERS))
        if (!response.headers.has(name)) response.headers.set(name, value);
    response.headers.set("X-Request-Id", requestId(request));
    return response;
  };
}

async function refuseForeign(): Promise<Response> {
  return refuse(refusal("forbidden", "Pages of this origin may not use the wall."));
}

/**
 * Faults become `503`: a client never sees a stack, and may try again. A body that nobody asked for
 * is read to its end and thrown away: a client that is still sending it would otherwise see a broken
 * connection, not the answer.
 */
async function answer<Context>(
  handle: Handler<Context>,
  request: Request,
  context: Context,
): Promise<Response> {
  try {
    const response = await handle(request, context);
    if (!request.bodyUsed) await readBounded(request, 0);
    if (response.status >= 500) report("unavailable", request, { status: response.status });
    return response;
  } catch (error) {
    report("route failed", request, { error: String(error) });
    return refuse(
      refusal("unavailable", "The wall can't be reached right now.", { retryAfterSeconds: 1 }),
    );
  }
}

function report(event: string, request: Request, fields: Record<string, unknown>): void {
  const { method } = request;
  const { pathname } = new URL(request.url);
  const of = { at: Date.now(), event, wall: WALL, request: requestId(request), method, pathname };
  console.error(JSON.stringify({ ...of, ...fields }));
}

/** Handlers for the methods that an address does not have. */
export function onlyMethods(...allowed: string[]) {
  const allow = allowed.includes("GET") ? [...allowed, "HEAD"].join(", ") : allowed.join(", ");
  return handler(
    async (request) =>
      preflight(request, allow) ??
      refuse(refusal("method_not_allowed", `${request.method} is not for this address.`), {
        Allow: allow,
      }),
  );
}

export function json(value: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(value), {
    status,
    headers: { "Content-Type": "application/json", "Cache-Control": "no-store", ...headers },
  });
}

/** A refusal as problem details. */
export function refuse(
  { problem, retryAfterSeconds }: Refusal,
  headers: Record<string, string> = {},
): Response {
  const all: Record<string, string> = { "Content-Type": "application/problem+json", ...headers };
  if (retryAfterSeconds !== undefined) all["Retry-After"] = String(retryAfterSeconds);
  if (problem.status === 401) all["WWW-Authenticate"] = "Bearer";
  return json(problem, problem.status, all);
}

/** What was asked for, or why it is refused. */
export function answerWith<Value>(
  outcome: Outcome<Value>,
  answer: (value: Value) => Response = json,
): Response {
  return outcome.ok ? answer(outcome.value) : refuse(outcome);
}

/**
 * The bearer token, where a header of any other form counts as a token that fits nobody; and the
 * address that Cloudflare's edge saw, which no client can set.
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

/** The JSON body: at most 8 KiB unless more is allowed, declared as JSON, in UTF-8, not compressed. */
export async function readJson(
  request: Request,
  maxBytes = BODY_MAX_BYTES,
): Promise<Outcome<unknown>> {
  const type = typeRefusal(request);
  if (type) return type;
  const body = await readBounded(request, maxBytes);
  return body ? parseJson(body) : tooLarge(maxBytes);
}

/** The JSON body of a method that needs none. Without a `Content-Type`, and without a byte, there is none. */
export async function readJsonIfSent(request: Request): Promise<Outcome<unknown>> {
  if (!request.headers.has("Content-Type")) return success(undefined);
  const body = await readBounded(request, BODY_MAX_BYTES);
  if (body?.length === 0) return success(undefined);
  return typeRefusal(request) ?? (body ? parseJson(body) : tooLarge(BODY_MAX_BYTES));
}

function typeRefusal({ headers }: Request): Refusal | null {
  const [type] = (headers.get("Content-Type") ?? "").split(";");
  if (type?.trim().toLowerCase() !== "application/json")
    return refusal("unsupported_media_type", "Send application/json.");
  const coding = headers.get("Content-Encoding")?.trim().toLowerCase() || "identity";
  if (coding === "identity") return null;
  const named = coding.slice(0, CODING_SHOWN_MAX_CHARACTERS);
  return refusal("unsupported_media_type", `Send the body without Content-Encoding: ${named}.`);
}

function tooLarge(maxBytes: number): Refusal {
  return refusal("body_too_large", `Send at most ${maxBytes} bytes.`);
}

function parseJson(body: Uint8Array): Outcome<unknown> {
  if (body.length === 0) return refusal("invalid_json", "The body is empty. Send JSON.");
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
    if (!isDeeperThan(BODY_MAX_DEPTH, value)) return success(value);
    return refusal("invalid_json", `The body nests more than ${BODY_MAX_DEPTH} levels deep.`);
  } catch {
    return refusal("invalid_json", "The body is not JSON in UTF-8.");
  }
}

/** The body's bytes, or `null` when there are more than `max`, which are read and thrown away. */
async function readBounded(request: Request, max: number): Promise<Uint8Array | null> {
  if (!request.body) return new Uint8Array();
  const bytes = new Uint8Array(max);
  let length = 0;
  const reader = request.body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    if (length + part.value.length <= max) bytes.set(part.value, length);
    length += part.value.length;
    if (length > DISCARD_MAX_BYTES) {
      await reader.cancel();
      break;
    }
  }
  return length <= max ? bytes.subarray(0, length) : null;
}
