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
    const blocks = this.#blocks;
    if (!blocks || (!isKnown && blocks.isFull(now))) return { state: "full" };
    const block = this.#desk.noted("block", sender, reason, by, (entry) =>
      blocks.begin(entry, sender, hours, now),
    );
    return { state: "blocked", block };
  }

  unblock(entry: number, by?: string): void {
    const { sender } = this.#blocks?.get(entry) ?? {};
    if (sender === undefined) return;
    this.#desk.noted("unblock", sender, undefined, by, () => this.#blocks?.end(entry));
  }
}
