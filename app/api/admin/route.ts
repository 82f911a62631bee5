/** `/api/admin`: whether posting is paused, and what admins did. */
import { answerWith, callerOf, handler, onlyMethods } from "../http";
import { comments, WALL } from "../platform";

export const runtime = "edge";

export const GET = handler(async (request) => {
  return answerWith(await comments().moderation(WALL, callerOf(request)));
});

const refuseMethod = onlyMethods("GET");

export {
  refuseMethod as POST,
  refuseMethod as PUT,
  refuseMethod as PATCH,
  refuseMethod as DELETE,
  refuseMethod as OPTIONS,
};
