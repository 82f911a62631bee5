/** `/api/admin/move`: one step on the way of the wall's comments to another ledger. */
import { type DeedRequest, deed } from "../../deed";

export const runtime = "edge";

export const POST = deed((rpc, { wall, caller, body }: DeedRequest<object>) =>
  rpc.move(wall, caller, body),
);
