/** `/api/admin`: whether posting is paused, and what admins did. */
import { answerWith, callerOf, handler } from "../http";
import { comments, WALL } from "../platform";

export const runtime = "edge";

export const GET = handler(async (request) => {
  return answerWith(await comments().moderation(WALL, callerOf(request)));
});
