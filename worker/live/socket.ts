/** The sockets of the live channel, as the hub sees them: the runtime's, or a simulation's. */

/** Kept by the runtime with the socket, so that it survives hibernation; at most 16,384 bytes. */
export interface SocketNote {
  /** The client's network (`networkOf`), for the rate limit and for moderation. */
  network: string;
  /** The sequence up to which the page has confirmed what it received. */
  seen: number;
  /** Refused messages in a row. */
  refusals: number;
  /** On a bot's socket: the names that it makes present. */
  bots?: readonly string[];
}

/** One open socket. Always the same object for the same socket while this incarnation lives. */
export interface LiveSocket {
  /** Reading it is cheap; setting it stores it. */
  note: SocketNote;
  /** Bytes that were sent and not confirmed; absent after hibernation, which keeps only the note. */
  unseen?: number;
  /** @throws when the socket is closed. */
  send(text: string): void;
  close(code: number, reason: string): void;
}

export interface SocketHost<Client = unknown> {
  /** The sockets that can be sent to, all or those with a tag. */
  open(tag?: string): readonly LiveSocket[];
  /** The number of sockets with a tag, or of all, including those whose closing is under way. */
  count(tag?: string): number;
  /** Makes a socket; `client` is the other end, for the answer to the upgrade. */
  accept(tags: readonly string[], note: SocketNote): { socket: LiveSocket; client: Client };
}
