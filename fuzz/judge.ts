/** Faults in an answer, whatever the request was. */
import type { FuzzRequest } from "./request";
import type { Answer } from "./send";

const ORDINARY_METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** Details of our code or machine, which an answer must not reveal. */
const INTERNALS = /\bat [\w.]+ \(|node_modules|\.(ts|mjs|js):\d+|Error:|undefined is not/;

const API_PATH = /^\/api\/(comments(\/[^/?]+(\/(claim|release|report))?)?|status)(\?|$)/;

/** A sentence, or `null` if the answer is correct. */
export function fault(request: FuzzRequest, answer: Answer): string | null {
  const { method, path, expected } = request;
  const { status, headers, body } = answer;
  const type = headers["content-type"] ?? "";
  if (status >= 500 && !isMeant(request, answer)) return `status ${status}`;
  if (
    (INTERNALS.test(body) || body.includes(process.cwd())) &&
    !type.startsWith("text/html") &&
    !isFile(path)
  )
    return "reveals internals";
  if (expected && !expected.includes(status))
    return `status ${status}, but the contract says ${expected.join(" or ")}`;
  if (status < 300 && body.includes('"secretHash":')) return "shows the hash of a secret";
  const isApi = API_PATH.test(path) && ORDINARY_METHODS.has(method);
  if (isApi && status >= 400 && !type.startsWith("application/problem+json"))
    return `status ${status} with ${type || "no type"}, not problem details`;
  if (type.startsWith("application/problem+json") && method !== "HEAD")
    return problemFault(status, body);
  if (type.startsWith("text/html") && !headers["content-security-policy"])
    return "a page without a policy";
  return null;
}

/**
 * The answer of the front (scripts/stack/front.mjs) while the runtime starts or after it lost the
 * request.
 */
export function isRuntimesOwn({ status, body }: Answer): boolean {
  return status === 503 && body.includes("The wall is starting or restarting.");
}

/** Checks every status line in a raw answer. */
export function rawFault(text: string): string | null {
  const statuses = [...text.matchAll(/^HTTP\/1\.[01] (\d{3})/gm)].map(([, status]) =>
    Number(status),
  );
  const bad = statuses.find((status) => status >= 500 && status !== 501);
  return bad === undefined ? null : `status ${bad}`;
}

/** The difference between an accepted post and the request, or `null`. */
export function commentFault(
  sent: Record<string, unknown>,
  read: Record<string, unknown>,
): string | null {
  for (const [name, value] of Object.entries(sent))
    if (read[name] !== value)
      return `${name} is ${JSON.stringify(read[name])}, not ${JSON.stringify(value)}`;
  const { id, timestamp, text, username } = read as Record<string, string>;
  if (!/^\d{13}-[0-9a-z]{10}$/.test(id ?? "")) return `invalid id ${id}`;
  if (Number(id?.slice(0, 13)) !== Number(timestamp)) return "id and timestamp differ";
  for (const [words, max] of [
    [text, 1_000],
    [username, 16],
  ] as const) {
    const length = [...(words ?? "")].length;
    if (length < 1 || length > max) return `${length} characters`;
    if (words !== words?.normalize("NFC") || /[\u202a-\u202e\u2066-\u2069\u200b]/.test(words ?? ""))
      return "not cleaned";
  }
  return null;
}

/** A refusal in the contract, or a method that the runtime itself refuses. */
function isMeant({ method }: FuzzRequest, { status, headers, body }: Answer): boolean {
  if (status === 501) return !ORDINARY_METHODS.has(method);
  if (status !== 503 || !headers["retry-after"]) return false;
  return method === "HEAD" || JSON.parse(body).code === "unavailable";
}

/** The framework's static error page, requested by name, and static files. */
function isFile(path: string): boolean {
  return /\.(js|rsc)/.test(path);
}

function problemFault(status: number, body: string): string | null {
  let problem: Record<string, unknown>;
  try {
    problem = JSON.parse(body);
  } catch {
    return "problem details are not JSON";
  }
  if (problem.type !== "about:blank" || problem.status !== status) return "wrong problem details";
  if (typeof problem.title !== "string" || typeof problem.detail !== "string")
    return "problem details without title or detail";
  return /^[a-z]+(_[a-z]+)*$/.test(String(problem.code)) ? null : `invalid code ${problem.code}`;
}
