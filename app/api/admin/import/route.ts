/** `/api/admin/import`: comments from elsewhere, with their ids. */
import { IMPORT_MAX_BYTES } from "#schema/limits";
import { type DeedRequest, deed } from "../../deed";
import { json, readJson } from "../../http";

export const runtime = "edge";

export const POST = deed(
  (rpc, { wall, caller, body }: DeedRequest<object>) => rpc.importComments(wall, caller, body),
  json,
  (request) => readJson(request, IMPORT_MAX_BYTES),
  true,
);
