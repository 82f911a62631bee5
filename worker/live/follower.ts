/** The writer's side: it reports what sockets have to be told. None of these throws. */
export interface Follower {
  /** Whether sockets are open. */
  readonly isFollowing: boolean;
  changed(): void;
  rebuilt(): void;
}
