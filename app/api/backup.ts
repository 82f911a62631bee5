/** The pages of an export, for admins. */
import { parseRemovalsQuery } from "#schema/backup";
import { refusal } from "#schema/problem";
import { parseReadQuery } from "#schema/read";
import { callerOf } from "./call";
import { answerPage } from "./comments";
import { answerWith, refuse } from "./http/answers";
import { WALL, worker } from "./platform";

/** A page of the wall, newest first, and the ids of the removed comments in it. */
export async function exportPage(request: Request): Promise<Response> {
  const query = parseReadQuery(new URL(request.url).searchParams);
  if (!query.ok) return refuse(query);
  if (!("before" in query.value)) {
    const errors = [{ pointer: "?before", detail: "must be given" }];
    return refuse(refusal("invalid_parameter", "Invalid: before.", { errors }));
  }
  return answerPage(await worker().exportPage(WALL, callerOf(request), query.value));
}

/** The ids removed since a cursor. */
export async function removals(request: Request): Promise<Response> {
  const query = parseRemovalsQuery(new URL(request.url).searchParams);
  if (!query.ok) return refuse(query);
  return answerWith(await worker().removals(WALL, callerOf(request), query.value.since));
}
