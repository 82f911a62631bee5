/** `/api/health`, `/api/status` and its badge: the state of the wall, for monitors, programs and other pages. */
import { type Condition, conditionOf, type Health } from "#schema/status";
import { badgeSvg } from "./badge";
import { json } from "./http/answers";
import { requestId } from "./http/request-id";
import { WALL, worker } from "./platform";

/** Bounds how often a browser asks, however many pages show the badge; a cache is late after the same time. */
const BADGE_MAX_AGE_S = 10;

export async function read(request: Request): Promise<Response> {
  const status = await worker().status(WALL, requestId(request));
  return status.ok ? json(status) : json(status, 503, { "Retry-After": "1" });
}

export async function health(request: Request): Promise<Response> {
  const health = await healthOf(requestId(request));
  return health.ok ? json(health) : json(health, 503, { "Retry-After": "10" });
}

async function healthOf(request: string): Promise<Health> {
  try {
    return await worker().health(WALL, request);
  } catch (error) {
    console.error(JSON.stringify({ event: "health not known", error: String(error) }));
    return { ok: false, reason: "away" };
  }
}

/** Always `200`: most pages show a broken image in place of a picture that comes with an error. */
export async function badge(): Promise<Response> {
  return new Response(badgeSvg(await condition()), {
    headers: {
      "Content-Type": "image/svg+xml; charset=utf-8",
      "Cache-Control": `public, max-age=${BADGE_MAX_AGE_S}`,
      // Other sites show it.
      "Cross-Origin-Resource-Policy": "cross-origin",
    },
  });
}

async function condition(): Promise<Condition> {
  try {
    return conditionOf(await worker().status(WALL));
  } catch (error) {
    console.error(JSON.stringify({ event: "status not known", error: String(error) }));
    return "unknown";
  }
}
