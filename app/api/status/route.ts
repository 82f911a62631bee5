/** `/api/status`: how the wall is. */
import { handler, json, onlyMethods } from "../http";
import { comments, WALL } from "../platform";
import { requestId } from "../request-id";

export const runtime = "edge";

export const GET = handler(async (request) => {
  const status = await comments().status(WALL, requestId(request));
  return status.ok ? json(status) : json(status, 503, { "Retry-After": "1" });
});

const refuseMethod = onlyMethods("GET");

export {
  refuseMethod as POST,
  refuseMethod as PUT,
  refuseMethod as PATCH,
  refuseMethod as DELETE,
  refuseMethod as OPTIONS,
};
