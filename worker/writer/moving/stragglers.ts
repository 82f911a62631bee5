/** Keys that were written to KV after a wall had moved to SQLite. */

import { isStoredComment, type StoredComment } from "#schema/comment";
import { timestampOf } from "#schema/id";
import { NONCE_LIFETIME_MS, WINDOW_SIZE } from "#schema/limits";
import type { KvLedger } from "../../ledger/kv";
import type { SqliteMessages } from "../../ledger/sqlite-messages";

/** For an hour after a move every cron looks for keys written since; after that, the first cron of each hour. */
const STRAGGLERS_MS = 60 * 60_000;
const CRON_MS = 60_000;

/**
 * Older keys are ignored: an hourly sweep has run since. An hour less than nonces are known, so that the second copy of
 * a message is recognised.
 */
const STRAGGLER_AGE_MAX_MS = NONCE_LIFETIME_MS - 60 * 60_000;

interface Stragglers {
  /** When the move ended, in ms since 1970; `null` without one. */
  movedAt: number | null;
  now: number;
  ledger: KvLedger;
  messages: SqliteMessages;
  notice: (comment: StoredComment) => void;
}

/**
 * Brings in keys that an entrypoint wrote after a move without knowing of it, and whose notices were lost. This
 * may happen at any time while `LEDGER` still says `kv` and an isolate starts without reaching the rebuilder.
 */
export async function bringStragglers(parts: Stragglers): Promise<void> {
  const { movedAt, now, ledger, messages, notice } = parts;
  if (movedAt === null || (now - movedAt > STRAGGLERS_MS && now % STRAGGLERS_MS >= CRON_MS)) return;
  const { ids } = await ledger.newest(undefined, "sweep");
  // The rows of still older keys may have been dropped for lack of room.
  const from = Math.max(now - STRAGGLER_AGE_MAX_MS, messages.keptFrom());
  const young = ids.filter((id) => timestampOf(id) >= from);
  const unknown = young.filter((id) => !messages.get(id));
  const entries = await ledger.read(unknown.slice(0, WINDOW_SIZE), "move");
  for (const entry of entries.values())
    if (entry && entry !== "corrupt" && isStoredComment(entry)) notice(entry);
}
