/** `/api/comments/ID/claim`: a comment for one bot alone, for a while. */
import { deed } from "../../../deed";

export const runtime = "edge";

export const POST = deed((rpc, { wall, caller, params: { id }, body }) =>
  rpc.claim(wall, caller, id, body),
);
