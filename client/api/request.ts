/** HTTP requests to the wall, shared by page and bot. */
import type { Problem } from "#schema/problem";

/** Longer than any healthy answer; shorter than a person waits before reloading. */
export const REQUEST_TIMEOUT_MS = 10_000;

/** A request without an answer (`status` 0) or with an unexpected one. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly status: number,
    readonly problem?: Problem,
    readonly retryAfterMs?: number,
    options?: ErrorOptions,
  ) {
    super(problem?.detail ?? (status === 0 ? "no answer" : `status ${status}`), options);
  }
}

/**
 * Returns a successful answer or `304`. @throws {ApiError} for any other answer, and for none in
 * time.
 */
export async function request(url: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { ...init, signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
  } catch (cause) {
    throw new ApiError(0, undefined, undefined, { cause });
  }
  if (response.ok || response.status === 304) return response;
  const retryAfterSeconds = Number(response.headers.get("Retry-After"));
  throw new ApiError(
    response.status,
    await problemOf(response),
    retryAfterSeconds > 0 ? retryAfterSeconds * 1_000 : undefined,
  );
}

async function problemOf(response: Response): Promise<Problem | undefined> {
  if (!response.headers.get("Content-Type")?.startsWith("application/problem+json")) return;
  return json<Problem>(response).catch(() => undefined);
}

/** The body as `T`, unchecked. @throws {ApiError} if the body is cut off. */
export async function json<T>(response: Response): Promise<T> {
  try {
    return await response.json();
  } catch (cause) {
    throw new ApiError(response.status, undefined, undefined, { cause });
  }
}
