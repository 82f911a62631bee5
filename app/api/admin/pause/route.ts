/** `/api/admin/pause`: whether the wall takes messages. */
import { type DeedRequest, deed } from "../../deed";

export const runtime = "edge";

export const PUT = deed((rpc, { wall, caller, body }: DeedRequest<object>) =>
  rpc.pause(wall, caller, body),
);
