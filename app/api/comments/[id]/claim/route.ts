/** `/api/comments/ID/claim`: a comment for one bot alone, for a while. */
import { deed } from "../../../deed";
import { onlyMethods } from "../../../http";

export const runtime = "edge";

export const POST = deed((rpc, { wall, caller, params: { id }, body }) =>
  rpc.claim(wall, caller, id, body),
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
