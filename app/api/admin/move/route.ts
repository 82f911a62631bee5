/** `/api/admin/move`: one step on the way of the wall's comments to another ledger. */
import { type DeedRequest, deed } from "../../deed";
import { onlyMethods } from "../../http";

export const runtime = "edge";

export const POST = deed((rpc, { wall, caller, body }: DeedRequest<object>) =>
  rpc.move(wall, caller, body),
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
