/** The order in which bots take comments: highest priority first, then oldest. */
import type { Comment } from "./comment";

type Urgent = Pick<Comment, "id" | "botParams">;

/** Negative if `a` comes before `b`. */
export function compareUrgency(a: Urgent, b: Urgent): number {
  const { priority: ofA = 0 } = a.botParams;
  const { priority: ofB = 0 } = b.botParams;
  // Ids start with their timestamp.
  return ofB - ofA || (a.id < b.id ? -1 : Number(a.id > b.id));
}
