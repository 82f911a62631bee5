/** How often one client may do what costs the wall something. */

import type { Log } from "../platform/log";
import { siteOf } from "./address";

/** The platform's counters: one for each of its locations, permissive there, exact on one machine. */
export interface RateLimits {
  /** Whether one more post from this network is within the limit; counts it. */
  post(network: string): Promise<boolean>;
  /** The same for a page of the past. */
  history(network: string): Promise<boolean>;
}

/** The platform's bindings: of one network, and of an IPv6 site. */
export interface RateLimitBindings {
  post: RateLimit;
  postOfSite: RateLimit;
  history: RateLimit;
  historyOfSite: RateLimit;
}

/** The limits of a wall by the platform's bindings. */
export function rateLimits(
  { post, postOfSite, history, historyOfSite }: RateLimitBindings,
  wall: string,
  log: Log,
): RateLimits {
  const allows = async (binding: RateLimit, network: string) => {
    try {
      return (await binding.limit({ key: `${wall}/${network}` })).success;
    } catch (error) {
      // Nobody is kept out because a counter fails: no client can make it.
      log("rate limit failed", { error });
      return true;
    }
  };
  // A request refused by its network's own limit does not count for the site.
  const allowsBoth = async (binding: RateLimit, ofSite: RateLimit, network: string) => {
    if (!(await allows(binding, network))) return false;
    const site = siteOf(network);
    return site === null || allows(ofSite, site);
  };
  return {
    post: (network) => allowsBoth(post, postOfSite, network),
    history: (network) => allowsBoth(history, historyOfSite, network),
  };
}
