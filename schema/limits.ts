/** Numbers that both sides of the wire must agree on, each named once, with its unit. */

/**
 * How often the rebuilder's alarm runs: more often than any poll, and 864,000 ticks a month (within
 * one million free lists).
 */
export const REBUILD_INTERVAL_MS = 3_000;

/** How often the page polls. */
export const PAGE_POLL_INTERVAL_MS = 5_000;

/**
 * How often the status page polls: the history has one sample a minute, so faster polls gain
 * little.
 */
export const STATUS_POLL_INTERVAL_MS = 10_000;

/** A cache older than this is late: the next read or cron run starts a rebuild. */
export const CACHE_LATE_MS = 10_000;

/**
 * A time this far ahead of the clock was recorded by a clock that has since been corrected, and is
 * ignored. Two intervals: an alarm is never due later, and the clocks of two machines differ by
 * less.
 */
export const CLOCK_AHEAD_MAX_MS = 2 * REBUILD_INTERVAL_MS;

/** A wall without posts, polls or patches for this long goes idle: its alarm is not set again. */
export const IDLE_AFTER_MS = 60_000;

/** The status page's history: one sample a minute for an hour. */
export const SAMPLE_MS = 60_000;
export const SAMPLES_KEPT = 60;

/** The ribbon beside the log: a day in slots of ten minutes, a few pixels each. */
export const ACTIVITY_SLOT_MS = 10 * 60_000;
export const ACTIVITY_SLOTS = 144;

/** With less data than this, chance would decide the estimated bill. */
export const COST_COUNTED_MIN_MS = 10 * 60_000;

/** Comments in the snapshot, and the maximum in one read. */
export const WINDOW_SIZE = 500;

/** Comments in one page of history; one bulk get of the ledger reads as many. */
export const HISTORY_PAGE_MAX = 100;

/** Changes within reach of `since`; an older cursor gets `gap: true`. */
export const CHANGE_LOG_SIZE = 5_000;

/**
 * Memory for those changes; beyond it the log keeps fewer. It fits 5,000 messages of 1,000 letters
 * in any alphabet, or 3,000 of 1,000 emoji, which take twice as much.
 */
export const CHANGE_LOG_BYTES_MAX = 14_000_000;

/** Maximum number and age of unprocessed comments in the queue for bots. */
export const PENDING_SIZE = 20 * WINDOW_SIZE;
export const PENDING_LIFETIME_MS = 24 * 60 * 60 * 1_000;

/**
 * Memory for that queue; beyond it the queue keeps fewer. It fits 10,000 messages of 300 letters in
 * any alphabet.
 */
export const PENDING_BYTES_MAX = 13_000_000;

/** Memory for one answer from the queue: long comments arrive fewer at a time. */
export const PENDING_ANSWER_BYTES_MAX = 1_000_000;

/** Shortest and longest claim of a comment by a bot. */
export const CLAIM_MIN_SECONDS = 5;
export const CLAIM_MAX_SECONDS = 300;

/** A bot is present for this long after it read its pending messages: it polls at least as often. */
export const PRESENCE_MS = 30_000;

/** Bots shown as present. */
export const PRESENT_BOTS_MAX = 50;

/** A repeated nonce gives the same comment for this long. */
export const NONCE_LIFETIME_MS = 24 * 60 * 60 * 1_000;

/** An unknown id this recent may still be in flight: `503`, not `404`. */
export const UNSETTLED_ID_MS = 10 * 60 * 1_000;

/** How long the author of a message can take it down: long enough to see a mistake, too short to rewrite a talk. */
export const OWN_REMOVAL_MS = 10 * 60 * 1_000;

/** How long an admin can undo a removal. The text is kept for that long in one place, then it is erased there too. */
export const UNDO_MS = 10 * 60 * 1_000;

/** Longest secret that is hashed and compared. The page's have 43 characters. */
export const SECRET_MAX_CHARACTERS = 128;

/** A SHA-256 digest as base64url, without padding. */
export const SECRET_HASH_CHARACTERS = 43;

/** How far ahead an id's timestamp may be: edge clocks differ by seconds. */
export const CLOCK_SKEW_MS = 60_000;

/** Unicode code points, after cleaning. */
export const TEXT_MAX_CHARACTERS = 1_000;
export const USERNAME_MAX_CHARACTERS = 16;
export const ENTITY_MAX_CHARACTERS = 64;
export const BOT_NAME_MAX_CHARACTERS = 64;
export const NONCE_MAX_CHARACTERS = 64;

/** Length of an admin's reason for an action in the audit log, and of a person's for a report. */
export const REASON_MAX_CHARACTERS = 200;

/** Highest priority that bots and operators may set, and the highest that anyone may send. */
export const PRIORITY_MAX = 99;
export const PRIORITY_MAX_PUBLIC = 50;

/**
 * Posts and history pages allowed per client address and period. The bindings in
 * worker/wrangler.toml count them; a limit's period there is 10 or 60 s.
 */
export const POSTS_PER_PERIOD = 20;
export const HISTORY_PAGES_PER_PERIOD = 120;
export const RATE_LIMIT_PERIOD_S = 60;

/**
 * The same for all networks of one IPv6 site (a /48) together. A single host may own a site, and
 * would have 65,536 times the limit; a mobile provider's site may serve as many people, so it gets
 * more than one network's share.
 */
export const POSTS_PER_SITE = 5 * POSTS_PER_PERIOD;
export const HISTORY_PAGES_PER_SITE = 5 * HISTORY_PAGES_PER_PERIOD;

/** The same for reports of messages. */
export const REPORTS_PER_PERIOD = 10;
export const REPORTS_PER_SITE = 5 * REPORTS_PER_PERIOD;

/**
 * Reported messages kept, networks counted for each, reasons kept for each, and the time from the first report until
 * they are deleted: at most 5 MB in all.
 */
export const REPORTED_MAX = 500;
export const REPORTERS_MAX = 50;
export const REASONS_MAX = 10;
export const REPORT_LIFETIME_MS = 7 * 24 * 60 * 60 * 1_000;

/** Ids in one answer of `GET /api/admin/removals`, and removed ids in one page of an export. */
export const REMOVED_PAGE_MAX = 1_000;

/** How long a hash of a sender's address is kept. */
export const SENDER_DAYS = 7;

/** Senders that are blocked at a time: each post is compared with all of them. */
export const BLOCKS_MAX = 100;

/** Comments per import request, and removals; and its size in bytes. */
export const IMPORT_MAX = 100;
export const IMPORT_MAX_BYTES = 1_024 * 1_024;

/**
 * 2000-01-01. No chat that can be imported is older, and a timestamp in seconds, padded to an id's
 * 13 digits, lies far before it.
 */
export const IMPORT_EARLIEST_MS = 946_684_800_000;

/**
 * A stored comment, as JSON in UTF-8. No post body is longer, and a valid comment stays well below
 * it. A longer value was written by something else and is skipped.
 */
export const RECORD_MAX_BYTES = 8 * 1_024;

/** Larger request bodies are refused with `413`. */
export const BODY_MAX_BYTES = 8 * 1_024;

/** A shorter token (128 bits in base64) counts as not set. */
export const TOKEN_MIN_CHARACTERS = 22;

/** Tokens of one role: each call with a token compares all of them. */
export const TOKENS_PER_ROLE_MAX = 20;

/** Shorter than any token, so that a token in the place of its holder's name is never logged as one. */
export const TOKEN_NAME_MAX_CHARACTERS = 20;

/** The name of a comment sent without one. */
export const ANONYMOUS = "anonymous";
