/** `/api/comments/ID/release`: a claimed comment given back. */
import { callerOf, handler, onlyMethods, readJson, refuse } from "../../../http";
import { comments, WALL } from "../../../platform";

export const runtime = "edge";

interface Context {
  params: Promise<{ id: string }>;
}

export const POST = handler<Context>(async (request, { params }) => {
  const { id } = await params;
  const body = await readJson(request);
  if (!body.ok) return refuse(body);
  const released = await comments().release(WALL, callerOf(request), id, body.value);
  return released.ok ? new Response(null, { status: 204 }) : refuse(released);
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
