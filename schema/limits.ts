/** Every number that both sides of the wire must agree on, named once, with its unit. */

/** How often the rebuilder's alarm runs: fresher than any poll, and 864,000 ticks a month (inside one million free lists). */
export const REBUILD_INTERVAL_MS = 3_000;

/** How often the page polls. */
export const PAGE_POLL_INTERVAL_MS = 5_000;

/** How often the status page asks: a minute has one sample, so it need not hurry. */
export const STATUS_POLL_INTERVAL_MS = 10_000;

/** A cache older than this is late: the next read or cron run starts a rebuild. */
export const CACHE_LATE_MS = 10_000;

/**
 * A time further ahead of the clock than this was noted by a clock that has since been set right, and is not
 * believed. Two intervals: an alarm is never due later, and the clocks of two machines differ by less.
 */
export const CLOCK_AHEAD_MAX_MS = 2 * REBUILD_INTERVAL_MS;

/** A wall that nobody posts to, polls or patches for this long rests: its alarm is not set again. */
export const IDLE_AFTER_MS = 60_000;

/** The status page's history: a sample a minute, as far back as an hour. */
export const SAMPLE_MS = 60_000;
export const SAMPLES_KEPT = 60;

/** A bill told from less than this would be told from chance. */
export const COST_COUNTED_MIN_MS = 10 * 60_000;

/** Comments in the snapshot, and the most that one read returns. */
export const WINDOW_SIZE = 500;

/** Comments in one page of history: one bulk get of the ledger reads as many. */
export const HISTORY_PAGE_MAX = 100;

/** Changes that `since` can reach back; an older cursor gets `gap: true`. */
export const CHANGE_LOG_SIZE = 5_000;

/**
 * The memory that those changes may take, else the log is shorter: 5,000 messages of 1,000 letters in any
 * alphabet fit; of 1,000 emoji, which take twice as much, 3,000.
 */
export const CHANGE_LOG_BYTES_MAX = 14_000_000;

/** Unprocessed comments that wait for a bot: as many, and as old, as the queue holds. */
export const PENDING_SIZE = 20 * WINDOW_SIZE;
export const PENDING_LIFETIME_MS = 24 * 60 * 60 * 1_000;

/** The memory that they may take, else the queue is shorter: 10,000 messages of 300 letters in any alphabet fit. */
export const PENDING_BYTES_MAX = 13_000_000;

/** The memory that one answer of them may take: fewer come at once where they are long. */
export const PENDING_ANSWER_BYTES_MAX = 1_000_000;

/** How long a bot may claim a comment for, at least and at most. */
export const CLAIM_MIN_SECONDS = 5;
export const CLAIM_MAX_SECONDS = 300;

/** A repeated nonce is one comment for this long. */
export const NONCE_LIFETIME_MS = 24 * 60 * 60 * 1_000;

/** An unknown id stamped within this time may still be on its way: `503`, not `404`. */
export const UNSETTLED_ID_MS = 10 * 60 * 1_000;

/** How far an id may lie in the future and still be believed: edge clocks differ by seconds. */
export const CLOCK_SKEW_MS = 60_000;

/** Unicode code points, after cleaning. */
export const TEXT_MAX_CHARACTERS = 1_000;
export const USERNAME_MAX_CHARACTERS = 16;
export const ENTITY_MAX_CHARACTERS = 64;
export const BOT_NAME_MAX_CHARACTERS = 64;
export const NONCE_MAX_CHARACTERS = 64;

/** Why an admin did something, for the audit log. */
export const REASON_MAX_CHARACTERS = 200;

/** Highest priority of a bot's or operator's comment, and the highest that anyone may send. */
export const PRIORITY_MAX = 99;
export const PRIORITY_MAX_PUBLIC = 50;

/**
 * Posts, and pages of the past, that one client address may have in a period, and that period. The
 * bindings in worker/wrangler.toml count; a limit's period there is 10 or 60 s.
 */
export const POSTS_PER_PERIOD = 20;
export const HISTORY_PAGES_PER_PERIOD = 120;
export const RATE_LIMIT_PERIOD_S = 60;

/**
 * The same for all networks of one IPv6 site (a /48) together. One host may own a site, and would have 65,536 times
 * the limit; at a mobile provider a site may be as many people, so that it has more than one network.
 */
export const POSTS_PER_SITE = 5 * POSTS_PER_PERIOD;
export const HISTORY_PAGES_PER_SITE = 5 * HISTORY_PAGES_PER_PERIOD;

/** How long a hash of a sender's address is kept. */
export const SENDER_DAYS = 7;

/** Comments in one request of an import, and the bytes that it may have. */
export const IMPORT_MAX = 100;
export const IMPORT_MAX_BYTES = 1_024 * 1_024;

/**
 * 2000-01-01. No chat that can be imported is older, and a time in seconds, padded to the 13 digits of
 * an id, lies far before it.
 */
export const IMPORT_EARLIEST_MS = 946_684_800_000;

/**
 * A stored comment, as JSON in UTF-8: no body of a post is longer, and what a valid one holds stays well below
 * it. Whatever is longer was written by something else, and is left aside.
 */
export const RECORD_MAX_BYTES = 8 * 1_024;

/** A request body over this is refused with `413`. */
export const BODY_MAX_BYTES = 8 * 1_024;

/** A token shorter than this (128 bits in base64) is treated as not set. */
export const TOKEN_MIN_CHARACTERS = 22;

/** The name of a comment whose sender gave none. */
export const ANONYMOUS = "anonymous";
