/** How often one client may do what costs the wall something. */
import type { Log } from "./log";

/** The platform's counters: one for each of its locations, permissive there, exact on one machine. */
export interface RateLimits {
  /** Whether one more post from this network is within the limit; counts it. */
  post(network: string): Promise<boolean>;
  /** The same for a page of the past. */
  history(network: string): Promise<boolean>;
}

/** The limits of a wall by the platform's bindings. */
export function rateLimits(
  { post, history }: { post: RateLimit; history: RateLimit },
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
  return {
    post: (network) => allows(post, network),
    history: (network) => allows(history, network),
  };
}
