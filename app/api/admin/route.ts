/** `/api/admin`: whether posting is paused, and what admins did. */
import { callerOf, handler, json, onlyMethods, refuse } from "../http";
import { comments, WALL } from "../platform";

export const runtime = "edge";

export const GET = handler(async (request) => {
  const moderation = await comments().moderation(WALL, callerOf(request));
  return moderation.ok ? json(moderation.value) : refuse(moderation);
});

const refuseMethod = onlyMethods("GET");

export {
  refuseMethod as POST,
  refuseMethod as PUT,
  refuseMethod as PATCH,
  refuseMethod as DELETE,
  refuseMethod as OPTIONS,
};
