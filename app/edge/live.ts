/**
 * Answers `/api/live`: past the table of routes, since its answers get headers, and the answer to an upgrade can't be
 * changed; and past Next.js, which can't answer with a socket.
 */
import { liveRequest } from "#schema/live/request";
import { type Refusal, refusal } from "#schema/problem";
import { refuse } from "../api/http/answers";
import { protect } from "../api/http/protect";
import { requestId } from "../api/http/request-id";
import { WALL, worker } from "../api/platform";

const UPGRADED = 101;

/** Opens a live channel, or refuses with problem details. A browser opens sockets to any site, so `protect` looks at `Origin`. */
export async function answerLive(request: Request): Promise<Response> {
  let opened: Response | null = null;
  const answer = await protect(request, async () => {
    if (request.method !== "GET") return refuseMethod(request.method);
    const { headers, url } = request;
    const asked = {
      wall: WALL,
      since: onlySince(new URL(url).searchParams),
      address: headers.get("CF-Connecting-IP"),
      request: requestId(request),
      isUpgrade: headers.get("Upgrade")?.toLowerCase() === "websocket",
    };
    const passed = await worker().fetch(liveRequest(asked));
    if (passed.status !== UPGRADED) return refuseAs(await passed.json());
    opened = passed;
    return new Response(null);
  });
  return opened ?? answer;
}

/** `null` unless it is the only parameter and given once. */
function onlySince(parameters: URLSearchParams): string | null {
  const [since, ...others] = parameters.getAll("since");
  return since !== undefined && others.length === 0 && parameters.size === 1 ? since : null;
}

function refuseAs(refused: Refusal): Response {
  const isUpgradeNeeded = refused.problem.code === "upgrade_required";
  return refuse(refused, isUpgradeNeeded ? { Upgrade: "websocket" } : {});
}

function refuseMethod(method: string): Response {
  const problem = refusal("method_not_allowed", `${method} is not for this address.`);
  return refuse(problem, { Allow: "GET" });
}
