/** Values, outcomes and refusals as responses. */
import type { Outcome, Refusal } from "#schema/problem";

export function json(value: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(value), {
    status,
    headers: { "Content-Type": "application/json", "Cache-Control": "no-store", ...headers },
  });
}

export function noContent(): Response {
  return new Response(null, { status: 204 });
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

/** The value of an outcome, or its refusal. */
export function answerWith<Value>(
  outcome: Outcome<Value>,
  answer: (value: Value) => Response = json,
): Response {
  return outcome.ok ? answer(outcome.value) : refuse(outcome);
}
