/** `/api/admin/pause`: whether the wall takes messages. */
import { callerOf, handler, json, onlyMethods, readJson, refuse } from "../../http";
import { comments, WALL } from "../../platform";

export const runtime = "edge";

export const PUT = handler(async (request) => {
  const body = await readJson(request);
  if (!body.ok) return refuse(body);
  const paused = await comments().pause(WALL, callerOf(request), body.value);
  return paused.ok ? json(paused.value) : refuse(paused);
});

const refuseMethod = onlyMethods("PUT");

export {
  refuseMethod as GET,
  refuseMethod as HEAD,
  refuseMethod as POST,
  refuseMethod as PATCH,
  refuseMethod as DELETE,
  refuseMethod as OPTIONS,
};
