import type { BlockAnswer } from "../../contract/answers";
import type { Clock } from "../../platform/clock";
import type { Blocks } from "./blocks";
import type { ModerationDesk } from "./moderation";

/** Blocks senders for admins, and notes it in the audit log. */
export class BlockDesk {
  readonly #clock: Clock;
  readonly #blocks: Blocks | undefined;
  readonly #desk: ModerationDesk;

  /** Without `blocks` nobody is ever blocked. */
  constructor(clock: Clock, desk: ModerationDesk, blocks?: Blocks) {
    this.#clock = clock;
    this.#desk = desk;
    this.#blocks = blocks;
  }

  /** Until when a post that a network sent at `sentAt`, or sends now, is refused, in ms; `null` if it is not. */
  until(network: string, sentAt?: number): number | null {
    return this.#blocks?.until(network, this.#clock.now(), sentAt) ?? null;
  }

  /** Blocks a sender for some hours. @throws when the storage rejects the write. */
  block(sender: string, hours: number, reason?: string, by?: string): BlockAnswer {
    const now = this.#clock.now();
    const isKnown = this.#blocks?.at(now).some((block) => block.sender === sender);
    if (!this.#blocks || (!isKnown && this.#blocks.isFull(now))) return { state: "full" };
    const entry = this.#desk.note("block", sender, reason, by);
    return { state: "blocked", block: this.#blocks.begin(entry, sender, hours, now) };
  }

  unblock(entry: number, by?: string): void {
    const ended = this.#blocks?.end(entry);
    if (ended) this.#desk.note("unblock", ended.sender, undefined, by);
  }
}
