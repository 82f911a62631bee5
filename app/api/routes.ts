/** Every route of the API. A new one is a row here, and a handler in the file of its subject. */
import * as admin from "./admin";
import * as comments from "./comments";
import { routerOf } from "./http/router";
import * as status from "./status";

export const answerApi = routerOf({
  "GET /api/comments": comments.read,
  "POST /api/comments": comments.post,
  "GET /api/comments/:id": comments.find,
  "PATCH /api/comments/:id": comments.patch,
  "DELETE /api/comments/:id": comments.remove,
  "POST /api/comments/:id/claim": comments.claim,
  "POST /api/comments/:id/release": comments.release,

  "GET /api/status": status.read,
  "GET /api/status/badge.svg": status.badge,

  "GET /api/admin": admin.read,
  "PUT /api/admin/pause": admin.pause,
  "POST /api/admin/removals": admin.removeSender,
  "POST /api/admin/move": admin.move,
  "POST /api/admin/import": admin.importComments,
  "DELETE /api/admin/wall": admin.clear,
});
