/** Reads the wall's status for the status page. */
import type { Status } from "#schema/status";
import { ApiError, json, REQUEST_TIMEOUT_MS } from "../api/request";

const STATUS_URL = "/api/status";

/**
 * The wall's status; an unhealthy one comes with `503`. @throws {ApiError} for any other answer.
 */
export async function readStatus(): Promise<Status> {
  let response: Response;
  try {
    response = await fetch(STATUS_URL, {
      cache: "no-store",
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
  } catch (cause) {
    throw new ApiError(0, undefined, undefined, { cause });
  }
  const isStatus = response.headers.get("Content-Type")?.startsWith("application/json");
  if (!isStatus) throw new ApiError(response.status);
  return json<Status>(response);
}
