/** How a message gets into the ledger, and the rebuilder hears of it. */
import type { Comment, StoredComment } from "#schema/comment";
import { type Outcome, success } from "#schema/problem";
import type { Posted } from "#schema/rpc";
import type { Clock } from "./clock";
import type { Ledger } from "./ledger/ledger";
import type { Log } from "./log";
import type { Asker, RebuilderRpc } from "./rebuilder-rpc";
import { unavailable } from "./refusals";
import type { Replica } from "./replica";
import { toComment } from "./wall-state";

/** The waits between the tries of a notice. */
const NOTICE_RETRY_MS = [200, 800];

const NOT_STORED = "The comment could not be stored. Send it again, with the same nonce.";

export interface Posting {
  /** Makes a message durable. `network` says from where it was sent, where moderation may ask for that. */
  post(comment: Comment, network?: string): Promise<Outcome<Posted>>;
}

interface KvPostingParts {
  wall: string;
  clock: Clock;
  ledger: Ledger;
  rebuilder: () => RebuilderRpc;
  asker: Asker;
  replica: Replica;
  background: (work: Promise<unknown>) => void;
  log: Log;
}

/** Writes the message's own key; then the rebuilder is told. */
export class KvPosting implements Posting {
  readonly #parts: KvPostingParts;

  constructor(parts: KvPostingParts) {
    this.#parts = parts;
  }

  async post(comment: Comment, network?: string): Promise<Outcome<Posted>> {
    const { ledger, replica, background, log } = this.#parts;
    if (comment.type === "bot" && comment.nonce !== undefined) return this.#postExactly(comment);
    try {
      await ledger.append({ ...comment, sequence: 0 });
    } catch (error) {
      log("ledger refused", { error });
      return unavailable(NOT_STORED);
    }
    replica.rememberPost(comment);
    background(this.#notify({ ...comment, sequence: 0 }, network));
    return success({ comment, created: true });
  }

  /** A bot's message with a nonce: it gets its id from the single writer, which knows every attempt. */
  async #postExactly(comment: Comment): Promise<Outcome<Posted>> {
    const { asker, ledger, wall, background, log } = this.#parts;
    try {
      const draft = { ...comment, sequence: 0 };
      const accepted = await asker.ask((rebuilder) => rebuilder.accept(wall, draft));
      if (!accepted) return unavailable(NOT_STORED);
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

  /** Tells the rebuilder of a comment. A hint: should every try fail, its list will find the key. */
  async #notify(comment: StoredComment, network?: string): Promise<void> {
    const { wall, clock, rebuilder, log } = this.#parts;
    for (const wait of [...NOTICE_RETRY_MS, null]) {
      try {
        return await rebuilder().notice(wall, comment, network);
      } catch (error) {
        if (wait === null) log("notice lost", { id: comment.id, error });
        else await clock.sleep(wait);
      }
    }
  }
}
