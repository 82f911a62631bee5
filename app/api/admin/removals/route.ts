/** `/api/admin/removals`: all that one sender sent on one day. */
import { callerOf, handler, json, onlyMethods, readJson, refuse } from "../../http";
import { comments, WALL } from "../../platform";

export const runtime = "edge";

export const POST = handler(async (request) => {
  const body = await readJson(request);
  if (!body.ok) return refuse(body);
  const removed = await comments().removeSender(WALL, callerOf(request), body.value);
  return removed.ok ? json(removed.value) : refuse(removed);
});

const refuseMethod = onlyMethods("POST");

export {
  refuseMethod as GET,
  refuseMethod as HEAD,
  refuseMethod as PUT,
  refuseMethod as PATCH,
  refuseMethod as DELETE,
  refuseMethod as OPTIONS,
};
