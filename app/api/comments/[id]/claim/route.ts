/** `/api/comments/ID/claim`: a comment for one bot alone, for a while. */
import { callerOf, handler, json, onlyMethods, readJson, refuse } from "../../../http";
import { comments, WALL } from "../../../platform";

export const runtime = "edge";

interface Context {
  params: Promise<{ id: string }>;
}

export const POST = handler<Context>(async (request, { params }) => {
  const { id } = await params;
  const body = await readJson(request);
  if (!body.ok) return refuse(body);
  const claimed = await comments().claim(WALL, callerOf(request), id, body.value);
  return claimed.ok ? json(claimed.value) : refuse(claimed);
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
