/** Counts the events of the channel since this incarnation of the object started, for the status. */
import type { LiveStatus } from "#schema/status";

export class LiveCounts {
  frames = 0;
  bytes = 0;
  posts = 0;
  messages = 0;
  readonly closed: Record<string, number> = {};
  readonly refused: Record<string, number> = {};
  /** Counted already, so that the close event of a socket that was closed here counts once. */
  readonly #counted = new WeakSet<object>();

  /** A socket was closed with this code, by either side. */
  countClosed(socket: object, code: number): void {
    if (this.#counted.has(socket)) return;
    this.#counted.add(socket);
    this.closed[code] = (this.closed[code] ?? 0) + 1;
  }

  /** Whether a socket was closed, by either side. Messages of it may still be on their way. */
  isClosed(socket: object): boolean {
    return this.#counted.has(socket);
  }

  /** An upgrade was refused with this HTTP status. */
  countRefused(status: number): void {
    this.refused[status] = (this.refused[status] ?? 0) + 1;
  }

  toStatus(sockets: number): LiveStatus {
    const { frames, bytes, posts, messages, closed, refused } = this;
    return { sockets, frames, bytes, posts, messages, closed, refused };
  }
}
