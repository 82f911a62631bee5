/** Everything that holds for every answer of the API, whatever its route. */
import { refusal } from "#schema/problem";
import { API_HEADERS } from "../../../schema/security-headers.mjs";
import { allowedOrigins, WALL } from "../platform";
import { refuse } from "./answers";
import { discardBody } from "./bodies";
import { allowReading, isForeign } from "./origin";
import { requestId } from "./request-id";

type Handle = () => Promise<Response>;

/**
 * Calls `handle` unless the request comes from a page of another site, and adds the API's headers to the
 * answer; a header that the answer already has stays.
 */
export async function protect(request: Request, handle: Handle): Promise<Response> {
  const foreign = isForeign(request, allowedOrigins());
  const response = await answer(request, foreign ? refuseForeign : handle);
  if (!foreign) allowReading(request, response.headers);
  // A browser that gets a 304 has them already; on an idle wall they were nearly half of a poll's bytes.
  if (response.status !== 304)
    for (const [name, value] of Object.entries(API_HEADERS))
      if (!response.headers.has(name)) response.headers.set(name, value);
  response.headers.set("X-Request-Id", requestId(request));
  return response;
}

async function refuseForeign(): Promise<Response> {
  return refuse(refusal("forbidden", "Pages of this origin may not use the wall."));
}

/**
 * Faults become `503`: a client never sees a stack, and may try again. A body that no handler read is read
 * here and thrown away: a client that is still sending it would otherwise see a broken connection instead
 * of the answer.
 */
async function answer(request: Request, handle: Handle): Promise<Response> {
  try {
    const response = await handle();
    if (!request.bodyUsed) await discardBody(request);
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
