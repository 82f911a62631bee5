/** `/api/bots`: the bots that are present. */
import { answerWith, json } from "./http/answers";
import { requestId } from "./http/request-id";
import { WALL, worker } from "./platform";

/** The tabs of one browser ask once in this time. */
const BOTS_MAX_AGE_S = 5;

export async function read(request: Request): Promise<Response> {
  return answerWith(await worker().bots(WALL, requestId(request)), (bots) =>
    json(bots, 200, { "Cache-Control": `public, max-age=${BOTS_MAX_AGE_S}` }),
  );
}
