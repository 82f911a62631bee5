/** Refusals, as RFC 9457 problem details, and the result type of every call. */

export interface InvalidField {
  /** RFC 6901 JSON pointer, or `?` and the name of a query parameter. */
  pointer: string;
  detail: string;
}

export interface Problem {
  type: "about:blank";
  title: string;
  status: number;
  detail: string;
  /** Stable, for programs. */
  code: ProblemCode;
  errors?: InvalidField[];
}

const STATUSES = {
  invalid_json: [400, "Bad Request"],
  invalid_field: [400, "Bad Request"],
  invalid_parameter: [400, "Bad Request"],
  unauthorized: [401, "Unauthorized"],
  forbidden: [403, "Forbidden"],
  blocked: [403, "Forbidden"],
  not_found: [404, "Not Found"],
  method_not_allowed: [405, "Method Not Allowed"],
  conflict: [409, "Conflict"],
  body_too_large: [413, "Content Too Large"],
  unsupported_media_type: [415, "Unsupported Media Type"],
  upgrade_required: [426, "Upgrade Required"],
  rate_limited: [429, "Too Many Requests"],
  posting_paused: [503, "Service Unavailable"],
  unavailable: [503, "Service Unavailable"],
} as const satisfies Record<string, readonly [number, string]>;

export type ProblemCode = keyof typeof STATUSES;

/** A refusal, with the seconds after which a retry may succeed, if there are any. */
export interface Refusal {
  ok: false;
  problem: Problem;
  retryAfterSeconds?: number;
}

/** The result of a call: its value, or a refusal. Exceptions are for faults, never for answers. */
export type Outcome<T> = { ok: true; value: T } | Refusal;

export function success<T>(value: T): Outcome<T> {
  return { ok: true, value };
}

export function refusal(
  code: ProblemCode,
  detail: string,
  more: { errors?: InvalidField[]; retryAfterSeconds?: number } = {},
): Refusal {
  const [status, title] = STATUSES[code];
  const problem: Problem = { type: "about:blank", title, status, detail, code };
  if (more.errors) problem.errors = more.errors;
  return more.retryAfterSeconds === undefined
    ? { ok: false, problem }
    : { ok: false, problem, retryAfterSeconds: more.retryAfterSeconds };
}
