/** Rate limits per client on requests that cost storage operations. */

import type { Log } from "../platform/log";
import { siteOf } from "./address";

/** The platform counts in each of its locations separately, and only approximately; locally it counts exactly. */
export interface RateLimits {
  /** Counts a post from this network; false if it exceeds the limit. */
  post(network: string): Promise<boolean>;
  /** Counts a page of older or pending messages; false if it exceeds the limit. */
  history(network: string): Promise<boolean>;
  /** Counts a report of a message; false if it exceeds the limit. */
  report(network: string): Promise<boolean>;
}

/** The platform's bindings, each for one network and for an IPv6 site. */
export interface RateLimitBindings {
  post: RateLimit;
  postOfSite: RateLimit;
  history: RateLimit;
  historyOfSite: RateLimit;
  report: RateLimit;
  reportOfSite: RateLimit;
}

/** A wall's limits, from the platform's bindings. */
export function rateLimits(
  { post, postOfSite, history, historyOfSite, report, reportOfSite }: RateLimitBindings,
  wall: string,
  log: Log,
): RateLimits {
  const allowsBoth = counting(wall, log);
  return {
    post: (network) => allowsBoth(post, postOfSite, network),
    history: (network) => allowsBoth(history, historyOfSite, network),
    report: (network) => allowsBoth(report, reportOfSite, network),
  };
}

/** The limit of posts alone, for the single writer; it counts together with the entrypoint's. */
export function postLimits(
  { POST_LIMIT, POST_SITE_LIMIT }: { POST_LIMIT?: RateLimit; POST_SITE_LIMIT?: RateLimit },
  wall: string,
  log: Log,
): Pick<RateLimits, "post"> {
  if (!POST_LIMIT || !POST_SITE_LIMIT) return { post: async () => true };
  const allowsBoth = counting(wall, log);
  return { post: (network) => allowsBoth(POST_LIMIT, POST_SITE_LIMIT, network) };
}

function counting(wall: string, log: Log) {
  const allows = async (binding: RateLimit, network: string) => {
    try {
      return (await binding.limit({ key: `${wall}/${network}` })).success;
    } catch (error) {
      // A failing counter must not lock clients out. No client can cause the failure.
      log("rate limit failed", { error });
      return true;
    }
  };
  // A request refused by its network's own limit does not count towards the site's limit.
  return async (binding: RateLimit, ofSite: RateLimit, network: string) => {
    if (!(await allows(binding, network))) return false;
    const site = siteOf(network);
    return site === null || allows(ofSite, site);
  };
}
