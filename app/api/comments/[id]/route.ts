/** `/api/comments/ID`: one comment, and its processed flag. */
import { callerOf, handler, json, onlyMethods, readJson, refuse } from "../../http";
import { comments, WALL } from "../../platform";

export const runtime = "edge";

interface Context {
  params: Promise<{ id: string }>;
}

export const GET = handler<Context>(async (_request, { params }) => {
  const { id } = await params;
  const found = await comments().find(WALL, id);
  return found.ok ? json(found.value) : refuse(found);
});

export const PATCH = handler<Context>(async (request, { params }) => {
  const { id } = await params;
  const body = await readJson(request);
  if (!body.ok) return refuse(body);
  const patched = await comments().patch(WALL, callerOf(request), id, body.value);
  return patched.ok ? json(patched.value) : refuse(patched);
});

const refuseMethod = onlyMethods("GET", "PATCH");

export {
  refuseMethod as PUT,
  refuseMethod as POST,
  refuseMethod as DELETE,
  refuseMethod as OPTIONS,
};
