/** How the wall is, as the status page asks for it. */
import type { Status } from "#schema/status";
import { ApiError, json, REQUEST_TIMEOUT_MS } from "../api/request";

const STATUS_URL = "/api/status";

/** The wall's answer, which is one also where it says that it is not well (`503`). @throws {ApiError} */
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
