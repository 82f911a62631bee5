/** `/api/comments/ID`: one comment, and its processed flag. */
import { type CommentContext, deed } from "../../deed";
import { handler, json, onlyMethods, refuse } from "../../http";
import { comments, WALL } from "../../platform";

export const runtime = "edge";

export const GET = handler<CommentContext>(async (_request, { params }) => {
  const { id } = await params;
  const found = await comments().find(WALL, id);
  return found.ok ? json(found.value) : refuse(found);
});

export const PATCH = deed((rpc, { wall, caller, id, body }) => rpc.patch(wall, caller, id, body));

const refuseMethod = onlyMethods("GET", "PATCH");

export {
  refuseMethod as PUT,
  refuseMethod as POST,
  refuseMethod as DELETE,
  refuseMethod as OPTIONS,
};
