/** `/api/comments/ID/release`: a claimed comment given back. */
import { deed, noContent } from "../../../deed";
import { onlyMethods } from "../../../http";

export const runtime = "edge";

export const POST = deed(
  (rpc, { wall, caller, params: { id }, body }) => rpc.release(wall, caller, id, body),
  noContent,
);

const refuseMethod = onlyMethods("POST");

export {
  refuseMethod as GET,
  refuseMethod as HEAD,
  refuseMethod as PUT,
  refuseMethod as PATCH,
  refuseMethod as DELETE,
  refuseMethod as OPTIONS,
};
