/** `/api/admin/removals`: all that one sender sent on one day. */
import { type DeedRequest, deed } from "../../deed";

export const runtime = "edge";

export const POST = deed((rpc, { wall, caller, body }: DeedRequest<object>) =>
  rpc.removeSender(wall, caller, body),
);
