/** `/api/comments/ID`: one comment, its processed flag, and its end. */
import { type CommentContext, deed, noContent } from "../../deed";
import { answerWith, handler, readJsonIfSent } from "../../http";
import { comments, WALL } from "../../platform";
import { requestId } from "../../request-id";

export const runtime = "edge";

export const GET = handler<CommentContext>(async (request, { params }) => {
  const { id } = await params;
  return answerWith(await comments().find(WALL, id, requestId(request)));
});

export const PATCH = deed((rpc, { wall, caller, params: { id }, body }) =>
  rpc.patch(wall, caller, id, body),
);

export const DELETE = deed(
  (rpc, { wall, caller, params: { id }, body }) => rpc.remove(wall, caller, id, body),
  noContent,
  readJsonIfSent,
);
