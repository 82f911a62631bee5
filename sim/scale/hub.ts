/**
 * A regional hub, simulated: the shipped room, hub and replica in an object of their own, which asks the writer for
 * changes at a fixed pace. Not part of the product (docs/scale.md).
 */
import type { Sync } from "#schema/change";
import type { Cursor } from "#schema/cursor";
import type { WriterCalls } from "#worker/contract/writer-calls";
import { Replica } from "#worker/entrypoint/replica/replica";
import { LiveRoom, type Opening } from "#worker/live/room";
import type { LiveSocket, SocketHost } from "#worker/live/socket";
import type { Clock } from "#worker/platform/clock";
import { Feed } from "#worker/writer/feed";
import type { Writer } from "#worker/writer/writer";

export interface RegionalHubParts<Client> {
  clock: Clock;
  host: SocketHost<Client>;
  /** The writer, over the network between the regions. */
  calls: Pick<WriterCalls, "sync" | "append">;
  /** From the start of one question to the start of the next, in ms. */
  askMs: number;
}

/** One incarnation: an eviction loses all of it, and keeps the sockets. */
interface Life<Client> {
  replica: Replica;
  room: LiveRoom<Client>;
  writer: Writer;
  /** Resolves with the first answer of the writer. */
  built: Promise<void>;
  onBuilt: () => void;
  isFollowed: boolean;
}

export class RegionalHub<Client> {
  readonly #parts: RegionalHubParts<Client>;
  #life: Life<Client>;

  constructor(parts: RegionalHubParts<Client>) {
    this.#parts = parts;
    this.#life = this.#begin();
  }

  /** Loses the memory of the object, as an eviction does. */
  evict(): void {
    this.#life = this.#begin();
  }

  async open(opening: Opening) {
    await this.#life.built;
    return this.#life.room.open(opening);
  }

  async message(socket: LiveSocket, text: string): Promise<void> {
    await this.#life.built;
    await this.#life.room.message(socket, text);
  }

  closed(socket: LiveSocket, code: number): void {
    this.#life.room.closed(socket, code);
  }

  /** Asks the writer for changes, again and again. */
  async follow(): Promise<never> {
    const { clock, askMs } = this.#parts;
    for (;;) {
      const beganAt = clock.now();
      try {
        await this.#ask(beganAt);
      } catch {
        // The next question continues from the same cursor.
      }
      await clock.sleep(Math.max(0, askMs - (clock.now() - beganAt)));
    }
  }

  async #ask(beganAt: number): Promise<void> {
    const life = this.#life;
    const { replica, room } = life;
    const before = replica.view?.cursor;
    const sync: Sync = JSON.parse(await this.#parts.calls.sync(before));
    if (life !== this.#life) return;
    replica.absorb(sync, beganAt);
    if (!life.isFollowed) {
      life.isFollowed = true;
      // Before anyone opens a socket here, as with a writer that was just opened.
      room.follow("main", life.writer, "sqlite");
      life.onBuilt();
    } else if (!isSame(before, replica.view?.cursor)) {
      room.changed();
    }
  }

  #begin(): Life<Client> {
    const { clock, host, calls } = this.#parts;
    const replica = new Replica();
    const feed = new Feed({
      state: {
        get view() {
          if (!replica.view) throw new Error("the hub has not heard from the writer");
          return replica.view;
        },
      },
      // The writer commits before it answers.
      sequencer: { commit: () => 0 },
      rebuiltAt: () => replica.rebuiltAt,
    });
    let onBuilt = () => {};
    const built = new Promise<void>((resolve) => {
      onBuilt = resolve;
    });
    const writer = {
      feed,
      beBuilt: () => built,
      get isPaused() {
        return replica.isPaused;
      },
      // The writer itself answers a repeated nonce with the first copy.
      firstCopy: async () => undefined,
      append: calls.append,
    } as unknown as Writer;
    const room = new LiveRoom<Client>({
      clock,
      log: () => () => {},
      host,
      writer: () => writer,
      // `append` brings the sender's network to the writer, which notes it.
      noteSender: () => {},
      limits: () => ({ post: async () => true }),
      suffixes: {
        random: () => {
          throw new Error("simulated pages send a nonce");
        },
        ofNonce: (_, nonce) => suffixOf(nonce),
      },
    });
    return { replica, room, writer, built, onBuilt, isFollowed: false };
  }
}

/** The simulated pages' nonces end in a number of their own. */
function suffixOf(nonce: string): string {
  return Number(nonce.split("-").at(-1)).toString(36).padStart(10, "0");
}

function isSame(a: Cursor | undefined, b: Cursor | undefined): boolean {
  return a?.store === b?.store && a?.sequence === b?.sequence;
}
