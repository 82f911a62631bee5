/**
 * Answers `/api/live`: past the table of routes, since its answers get headers, and the answer to an upgrade can't be
 * changed; and past Next.js, which can't answer with a socket.
 */
import { liveRequest } from "#schema/live/request";
import { type Refusal, refusal } from "#schema/problem";
import { callerOf } from "../api/call";
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
    const { since, entities } = parametersOf(new URL(url).searchParams);
    const asked = {
      wall: WALL,
      since,
      address: headers.get("CF-Connecting-IP"),
      request: requestId(request),
      isUpgrade: headers.get("Upgrade")?.toLowerCase() === "websocket",
      entities,
      // Nobody else's token is looked at.
      token: entities.length > 0 ? callerOf(request).token : undefined,
    };
    const passed = await worker().fetch(liveRequest(asked));
    if (passed.status !== UPGRADED) return refuseAs(await passed.json());
    opened = passed;
    return new Response(null);
  });
  return opened ?? answer;
}

/** `since` is `null` unless it is given once, with no other parameter than `entity`. */
function parametersOf(parameters: URLSearchParams) {
  const entities = parameters.getAll("entity");
  const [since, ...others] = parameters.getAll("since");
  const isValid = others.length === 0 && parameters.size === 1 + entities.length;
  return { since: since !== undefined && isValid ? since : null, entities };
}

function refuseAs(refused: Refusal): Response {
  const isUpgradeNeeded = refused.problem.code === "upgrade_required";
  return refuse(refused, isUpgradeNeeded ? { Upgrade: "websocket" } : {});
}

function refuseMethod(method: string): Response {
  const problem = refusal("method_not_allowed", `${method} is not for this address.`);
  return refuse(problem, { Allow: "GET" });
}
