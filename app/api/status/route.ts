/** `/api/status`: how the wall is. */
import { handler, json } from "../http";
import { comments, WALL } from "../platform";
import { requestId } from "../request-id";

export const runtime = "edge";

export const GET = handler(async (request) => {
  const status = await comments().status(WALL, requestId(request));
  return status.ok ? json(status) : json(status, 503, { "Retry-After": "1" });
});
