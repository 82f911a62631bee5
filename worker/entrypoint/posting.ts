/** Stores a message in the ledger, and notifies the rebuilder. */

import type { NewComment, StoredComment } from "#schema/comment";
import { type Outcome, success } from "#schema/problem";
import type { Posted } from "#schema/rpc";
import { type Asker, isOverloaded } from "../contract/asker";
import type { WriterCalls } from "../contract/writer-calls";
import type { Ledger } from "../ledger/ledger";
import type { Clock } from "../platform/clock";
import type { Log } from "../platform/log";
import { toComment } from "../record";
import { blocked, postingPaused, unavailable } from "./refusals";
import type { Replica } from "./replica/replica";

/** The waits between the attempts to send a notice. */
const NOTICE_RETRY_MS = [200, 800];

/** The waits between the attempts to append to the rebuilder, and the time after which no further one starts. */
const APPEND_RETRY_MS = [100, 300, 900];
const APPEND_PATIENCE_MS = 4_000;

/** The longest a post waits to learn of a block: an unavailable rebuilder must not delay it. */
const BLOCK_WAIT_MS = 500;

const NOT_STORED = "The comment could not be stored. Send it again, with the same nonce.";

export interface Posting {
  /** Makes a message durable. `network` is the sender's network, for moderation; absent with a token. */
  post(comment: NewComment, network?: string): Promise<Outcome<Posted>>;
}

interface KvPostingParts {
  clock: Clock;
  ledger: Ledger;
  asker: Asker;
  replica: Replica;
  background: (work: Promise<unknown>) => void;
  log: Log;
}

/** Writes the message's own key, then notifies the rebuilder. */
export class KvPosting implements Posting {
  readonly #parts: KvPostingParts;

  constructor(parts: KvPostingParts) {
    this.#parts = parts;
  }

  async post(comment: NewComment, network?: string): Promise<Outcome<Posted>> {
    const { ledger, replica, background, log } = this.#parts;
    if (comment.type === "bot" && comment.nonce !== undefined) return this.#postExactly(comment);
    const until = await this.#blockedUntil(network);
    if (until !== null) return blocked(until);
    try {
      await ledger.append({ ...comment, sequence: 0 });
    } catch (error) {
      log("ledger refused", { error });
      return unavailable(NOT_STORED);
    }
    const shown = toComment(comment);
    replica.rememberPost(shown);
    background(this.#notify({ ...comment, sequence: 0 }, network));
    return success({ comment: shown, created: true });
  }

  /**
   * Asks the rebuilder while a sender is blocked. If it doesn't answer in time the message is stored all the same: the
   * rebuilder removes it when it gets the notice.
   */
  async #blockedUntil(network: string | undefined): Promise<number | null> {
    const { asker, replica, log } = this.#parts;
    if (network === undefined || !replica.isBlocking) return null;
    try {
      return await asker.ask((writer) => writer.blockedUntil(network), BLOCK_WAIT_MS);
    } catch (error) {
      log("rebuilder away", { error });
      return null;
    }
  }

  /** A bot's message with a nonce gets its id from the single writer, which knows all earlier attempts. */
  async #postExactly(comment: NewComment): Promise<Outcome<Posted>> {
    const { asker, ledger, background, log } = this.#parts;
    try {
      const draft = { ...comment, sequence: 0 };
      const accepted = await asker.ask((writer) => writer.accept(draft));
      if (!accepted) return unavailable(NOT_STORED);
      if (accepted.isPaused) return postingPaused();
      if (!accepted.isStored) {
        await ledger.append(accepted.comment);
        background(this.#notify(accepted.comment));
      }
      return success({ comment: toComment(accepted.comment), created: accepted.isNew });
    } catch (error) {
      log("post refused", { error });
      return unavailable(NOT_STORED);
    }
  }

  /** Notifies the rebuilder of a comment. Only a hint: if every attempt fails, the rebuilder's list finds the key. */
  async #notify(comment: StoredComment, network?: string): Promise<void> {
    const { clock, asker, log } = this.#parts;
    for (const wait of [...NOTICE_RETRY_MS, null]) {
      try {
        return await asker.ask((writer) => writer.notice(comment, network));
      } catch (error) {
        // An overloaded rebuilder gets no retry, which would add to its load.
        if (wait === null || isOverloaded(error)) {
          log("notice lost", { id: comment.id, error });
          return;
        }
        await clock.sleep(wait);
      }
    }
  }
}

/** Stores a message where the writer is, on `sqlite`. */
export class DirectPosting implements Posting {
  readonly #append: WriterCalls["append"];
  readonly #noteSender: (id: string, network: string) => void;

  /** `noteSender` is called for a new message of a sender without a token. */
  constructor(append: WriterCalls["append"], noteSender: (id: string, network: string) => void) {
    this.#append = append;
    this.#noteSender = noteSender;
  }

  async post(comment: NewComment, network?: string): Promise<Outcome<Posted>> {
    const accepted = await this.#append({ ...comment, sequence: 0 }, network);
    if (!accepted) return unavailable(NOT_STORED);
    if (accepted.isPaused) return postingPaused();
    if (accepted.blockedUntil !== undefined) return blocked(accepted.blockedUntil);
    if (accepted.isNew && network !== undefined) this.#noteSender(accepted.comment.id, network);
    return success({ comment: toComment(accepted.comment), created: accepted.isNew });
  }
}

interface SqlitePostingParts {
  clock: Clock;
  asker: Asker;
  replica: Replica;
  log: Log;
}

/** Sends the message to the rebuilder, whose SQLite makes it durable before the answer leaves. */
export class SqlitePosting implements Posting {
  readonly #parts: SqlitePostingParts;

  constructor(parts: SqlitePostingParts) {
    this.#parts = parts;
  }

  /**
   * Retries within a time limit, since the rebuilder may be restarting; never while it is overloaded. Retries make no
   * duplicates, since the rebuilder recognises all attempts by their common suffix.
   */
  async post(comment: NewComment, network?: string): Promise<Outcome<Posted>> {
    const { clock, asker, replica, log } = this.#parts;
    const draft: StoredComment = { ...comment, sequence: 0 };
    const lastStart = clock.now() + APPEND_PATIENCE_MS;
    for (const wait of [...APPEND_RETRY_MS, null]) {
      try {
        const accepted = await asker.ask((writer) => writer.append(draft, network));
        if (!accepted) break;
        if (accepted.isPaused) return postingPaused();
        if (accepted.blockedUntil !== undefined) return blocked(accepted.blockedUntil);
        const stored = toComment(accepted.comment);
        if (accepted.isNew) replica.rememberPost(stored);
        return success({ comment: stored, created: accepted.isNew });
      } catch (error) {
        log("post refused", { error });
        if (wait === null || isOverloaded(error) || clock.now() + wait > lastStart) break;
        await clock.sleep(wait);
      }
    }
    return unavailable(NOT_STORED);
  }
}
