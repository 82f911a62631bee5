/** The Worker's bindings and variables, as worker/wrangler.toml and the deployment set them. */
import type { CacheRebuilder } from "./writer/object";
import type { RebuilderEnv } from "./writer/surroundings";

export interface Env extends RebuilderEnv {
  REBUILDER: DurableObjectNamespace<CacheRebuilder>;
  POST_LIMIT: RateLimit;
  POST_SITE_LIMIT: RateLimit;
  HISTORY_LIMIT: RateLimit;
  HISTORY_SITE_LIMIT: RateLimit;
  REPORT_LIMIT: RateLimit;
  REPORT_SITE_LIMIT: RateLimit;
  BOT_TOKEN?: string;
  ADMIN_TOKEN?: string;
  /** `off` switches the live channel off: pages poll only. */
  LIVE?: string;
  /** The wall that the cron watches. */
  WALL?: string;
  /** The bucket for the wall's backups; without it there are none. */
  BACKUPS?: R2Bucket;
  /** The region for a new wall's object; the platform chooses when absent. */
  LOCATION_HINT?: string;
  /** Set on deployments that hold only previews: an admin may clear their walls. */
  CLEARABLE?: string;
}
