/** The writer's side: it reports what sockets have to be told. None of these throws. */
import type { PresentBot } from "#schema/bots";

/** A bot that shows its name is working on an answer to the comment `id` until `until`, in ms; 0 when it ended. */
export interface Answering {
  id: string;
  name: string;
  until: number;
}

export interface Follower {
  /** Whether sockets are open. */
  readonly isFollowing: boolean;
  /** The bots that are present, by name. */
  readonly bots: readonly PresentBot[];
  changed(): void;
  rebuilt(): void;
  answering(answering: Answering): void;
}
