/** `/api/admin` and below: what only the admin token may ask. */
import { IMPORT_MAX_BYTES } from "#schema/limits";
import { call, callerOf } from "./call";
import { answerWith } from "./http/answers";
import { readJson } from "./http/bodies";
import { WALL, worker } from "./platform";

/** Whether posting is paused, and the audit log. */
export async function read(request: Request): Promise<Response> {
  return answerWith(await worker().moderation(WALL, callerOf(request)));
}

/** Pauses posting, or resumes it. */
export const pause = call((rpc, caller, body) => rpc.pause(WALL, caller, body));

/** Removes everything that one sender sent on one day. */
export const removeSender = call((rpc, caller, body) => rpc.removeSender(WALL, caller, body));

/** Moves the wall's comments one step further to another ledger. */
export const move = call((rpc, caller, body) => rpc.move(WALL, caller, body));

/** Imports comments with their ids. */
export const importComments = call((rpc, caller, body) => rpc.importComments(WALL, caller, body), {
  readBody: (request) => readJson(request, IMPORT_MAX_BYTES),
  isBodyLarge: true,
});

/** Empties the wall, which only a preview's wall allows. */
export async function clear(request: Request): Promise<Response> {
  return answerWith(await worker().clear(WALL, callerOf(request)));
}
