/** The Worker's bindings and variables, as worker/wrangler.toml and the deployment set them. */
import type { CacheRebuilder } from "./cache-rebuilder";

export interface Env {
  LEDGER_KV: KVNamespace;
  REBUILDER: DurableObjectNamespace<CacheRebuilder>;
  POST_LIMIT: RateLimit;
  HISTORY_LIMIT: RateLimit;
  BOT_TOKEN?: string;
  ADMIN_TOKEN?: string;
  /** Where a new wall keeps its comments: `kv` (when absent) or `sqlite`. */
  LEDGER?: string;
  /** The wall that the cron watches. */
  WALL?: string;
  VERSION?: string;
  /** Set where every wall is a preview's: an admin may empty it. */
  CLEARABLE?: string;
}
