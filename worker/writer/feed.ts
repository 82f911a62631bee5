/** The part of a wall that the live channel reads: the newest cursor, and the changes that lead to it. */

import { bytesOfChange } from "#schema/bytes";
import type { Cursor } from "#schema/cursor";
import type { Read } from "#schema/read";
import type { LiveSource } from "../live/hub";
import type { Sequencer } from "./sequencer";
import type { WriterState } from "./state/state";

interface FeedParts {
  state: Pick<WriterState, "view">;
  sequencer: Pick<Sequencer, "commit">;
  /** When the cache was last rebuilt, in ms. */
  rebuiltAt: () => number;
}

export class Feed implements LiveSource {
  readonly #parts: FeedParts;

  constructor(parts: FeedParts) {
    this.#parts = parts;
  }

  get cursor(): Cursor {
    return this.#parts.state.view.cursor;
  }

  /** The changes after `since`, as a poll gets them. */
  read(since: Cursor, limit: number): Read {
    const { state, rebuiltAt } = this.#parts;
    return { ...state.view.changesSince(since, limit), rebuiltAt: rebuiltAt() };
  }

  /** An upper estimate of the size of the changes after this sequence, in bytes; only of those still known. */
  bytesSince(sequence: number): number {
    const { view } = this.#parts.state;
    const changes = view.logSince(Math.max(sequence, view.floor));
    return changes.reduce((sum, change) => sum + bytesOfChange(change), 0);
  }

  /** Commits comments that have arrived. @throws when the storage rejects the write. */
  commit(): void {
    this.#parts.sequencer.commit();
  }
}
