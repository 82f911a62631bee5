/** `/api/admin/wall`: the whole wall, which can go only where it is a preview's. */
import { answerWith, callerOf, handler } from "../../http";
import { comments, WALL } from "../../platform";

export const runtime = "edge";

export const DELETE = handler(async (request) =>
  answerWith(await comments().clear(WALL, callerOf(request))),
);
