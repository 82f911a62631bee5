/** Finds one comment, also while the single writer is away. */
import { type Comment, isStoredComment } from "#schema/comment";
import { isId } from "#schema/id";
import { type Outcome, success } from "#schema/problem";
import type { Asker } from "../../contract/asker";
import { isUnsettled } from "../../contract/unsettled";
import type { Ledger } from "../../ledger/ledger";
import type { Clock } from "../../platform/clock";
import type { Log } from "../../platform/log";
import { toComment } from "../../record";
import { notFound, outcomeOf, unavailable } from "../refusals";
import type { Replica } from "../replica/replica";

interface FindParts {
  asker: Asker;
  clock: Clock;
  ledger: Ledger;
  replica: Replica;
  /** Whether the wall's comments are in the writer's own SQLite, so that keys in KV say nothing about them. */
  isSqlite: boolean;
  log: Log;
}

/** A comment that is not found here may exist, so the answer is 404 only from the writer or the comment's own key. */
export async function findComment(
  { asker, clock, ledger, replica, isSqlite, log }: FindParts,
  id: string,
): Promise<Outcome<Comment>> {
  if (!isId(id)) return notFound();
  try {
    return outcomeOf(await asker.ask((writer) => writer.find(id)), isUnsettled(id, clock.now()));
  } catch (error) {
    log("rebuilder away", { error });
  }
  const away = unavailable("The comment can't be looked up right now.");
  const shown = replica.view?.window.find((comment) => comment.id === id);
  if (shown) return success(shown);
  if (isSqlite) return away;
  try {
    const entry = (await ledger.read([id])).get(id);
    if (!entry || entry === "corrupt") return away;
    if (isStoredComment(entry)) return success(toComment(entry));
    return "removed" in entry ? notFound() : away;
  } catch (error) {
    log("ledger refused", { error });
    return away;
  }
}
