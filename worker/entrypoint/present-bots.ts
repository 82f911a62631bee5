/** The bots that are present, for `GET /api/bots`: from the replica, so that it costs no call of its own. */
import type { PresentBots } from "#schema/bots";
import { PRESENCE_MS } from "#schema/limits";
import { type Outcome, success } from "#schema/problem";
import type { Clock } from "../platform/clock";
import { unavailable } from "./refusals";
import type { Refresher } from "./replica/refresher";
import type { Replica } from "./replica/replica";

interface PresentBotsParts {
  clock: Clock;
  replica: Replica;
  refresher: Refresher;
}

export async function presentBots({
  clock,
  replica,
  refresher,
}: PresentBotsParts): Promise<Outcome<PresentBots>> {
  // It costs as much as a poll.
  replica.polls += 1;
  await refresher.refresh({ limit: 1 });
  if (replica.isUnread) return unavailable("The bots can't be listed right now.");
  // While the rebuilder is away nobody can tell, and no bot can answer.
  const isKnown = clock.now() - replica.askedAt <= PRESENCE_MS;
  return success({ bots: isKnown ? [...replica.bots] : [] });
}
