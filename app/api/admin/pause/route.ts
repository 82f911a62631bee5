/** `/api/admin/pause`: whether the wall takes messages. */
import { type DeedRequest, deed } from "../../deed";
import { onlyMethods } from "../../http";

export const runtime = "edge";

export const PUT = deed((rpc, { wall, caller, body }: DeedRequest<object>) =>
  rpc.pause(wall, caller, body),
);

const refuseMethod = onlyMethods("PUT");

export {
  refuseMethod as GET,
  refuseMethod as HEAD,
  refuseMethod as POST,
  refuseMethod as PATCH,
  refuseMethod as DELETE,
  refuseMethod as OPTIONS,
};
