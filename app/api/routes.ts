/** Every route of the API. A route that only calls the Worker is a row here; other handlers stand in a file by subject. */
import { IMPORT_MAX_BYTES } from "#schema/limits";
import * as backup from "./backup";
import * as bots from "./bots";
import { call, callWithoutBody, type OfComment } from "./call";
import * as comments from "./comments";
import { noContent } from "./http/answers";
import { readJson, readJsonIfSent } from "./http/bodies";
import { routerOf } from "./http/router";
import { WALL } from "./platform";
import * as status from "./status";

export const answerApi = routerOf({
  "GET /api/comments": comments.read,
  "POST /api/comments": comments.post,
  "GET /api/comments/:id": comments.find,
  "PATCH /api/comments/:id": comments.patch,
  "DELETE /api/comments/:id": comments.remove,
  "POST /api/comments/:id/claim": comments.claim,
  "POST /api/comments/:id/release": comments.release,
  "POST /api/comments/:id/report": comments.report,

  "GET /api/bots": bots.read,

  "GET /api/health": status.health,
  "GET /api/status": status.read,
  "GET /api/status/badge.svg": status.badge,

  // For the admin token only. The Worker checks it.
  "GET /api/admin": callWithoutBody((rpc, caller) => rpc.moderation(WALL, caller)),
  "PUT /api/admin/pause": call((rpc, caller, body) => rpc.pause(WALL, caller, body)),
  "GET /api/admin/reports": callWithoutBody((rpc, caller) => rpc.reported(WALL, caller)),
  "DELETE /api/admin/reports/:id": call(
    (rpc, caller, _body, { id }: OfComment) => rpc.dismiss(WALL, caller, id),
    { answer: noContent, readBody: readJsonIfSent },
  ),
  "GET /api/admin/removals/:id": callWithoutBody((rpc, caller, { id }: OfComment) =>
    rpc.previewRemoval(WALL, caller, id),
  ),
  "POST /api/admin/removals/:id/undo": call(
    (rpc, caller, body, { id }: OfComment) => rpc.undoRemoval(WALL, caller, id, body),
    { readBody: readJsonIfSent },
  ),
  "POST /api/admin/removals": call((rpc, caller, body) => rpc.removeSender(WALL, caller, body)),
  "POST /api/admin/blocks": call((rpc, caller, body) => rpc.block(WALL, caller, body)),
  "DELETE /api/admin/blocks/:id": call(
    (rpc, caller, _body, { id }: OfComment) => rpc.unblock(WALL, caller, id),
    { answer: noContent, readBody: readJsonIfSent },
  ),
  "POST /api/admin/move": call((rpc, caller, body) => rpc.move(WALL, caller, body)),
  "POST /api/admin/import": call((rpc, caller, body) => rpc.importComments(WALL, caller, body), {
    readBody: (request) => readJson(request, IMPORT_MAX_BYTES),
    isBodyLarge: true,
  }),
  "GET /api/admin/export": backup.exportPage,
  "GET /api/admin/removals": backup.removals,
  "DELETE /api/admin/wall": callWithoutBody((rpc, caller) => rpc.clear(WALL, caller)),
});
