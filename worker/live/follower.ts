/** The interfaces between the live channel and the single writer. */
import type { PresentBot } from "#schema/bots";
import type { Comment, StoredComment } from "#schema/comment";
import type { Accepted, Blocked, Paused } from "../contract/answers";
import type { LiveSource } from "./hub";

/** A bot that shows its name is working on an answer to the comment `id` until `until`, in ms; 0 when it ended. */
export interface Answering {
  id: string;
  name: string;
  until: number;
}

/** The writer reports what sockets have to be told. None of these throws. */
export interface Follower {
  /** Whether sockets are open. */
  readonly isFollowing: boolean;
  /** The bots that are present, by name. */
  readonly bots: readonly PresentBot[];
  changed(): void;
  rebuilt(): void;
  answering(answering: Answering): void;
}

/** The part of the writer that the channel uses. */
export interface LiveWriter {
  readonly feed: LiveSource;
  readonly isPaused: boolean;
  /** Resolves once the wall has been rebuilt at least once. */
  beBuilt(): Promise<void>;
  /** The stored first copy of a person's message, if any; on `sqlite`. */
  firstCopy(comment: Comment): Promise<Comment | undefined>;
  /** Accepts a message, on `sqlite`; `network` is its sender's, if it came without a token. */
  append(draft: StoredComment, network?: string): Promise<Accepted | Paused | Blocked | null>;
}
