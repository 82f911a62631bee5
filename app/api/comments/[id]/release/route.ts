/** `/api/comments/ID/release`: a claimed comment given back. */
import { deed, noContent } from "../../../deed";

export const runtime = "edge";

export const POST = deed(
  (rpc, { wall, caller, params: { id }, body }) => rpc.release(wall, caller, id, body),
  noContent,
);
