/** Takes people's reports of messages, and shows them to admins with the messages around each one. */
import type { ReportedComment } from "#schema/moderation";
import type { Reported } from "../../contract/answers";
import type { Clock } from "../../platform/clock";
import type { Log } from "../../platform/log";
import { toComment } from "../../record";
import type { Lookup } from "../lookup";
import type { WriterState } from "../state/state";
import type { ModerationDesk } from "./moderation";
import type { Reports, ReportsOfMessage } from "./reports";

/** Messages in one answer; the store keeps more. */
const SHOWN_MESSAGES = 50;

/** Messages shown on each side of a reported one. */
const NEIGHBOURS = 2;

interface ReportDeskParts {
  clock: Clock;
  reports: Reports;
  lookup: Lookup;
  state: WriterState;
  desk: ModerationDesk;
  log: Log;
}

export class ReportDesk {
  readonly #parts: ReportDeskParts;

  constructor(parts: ReportDeskParts) {
    this.#parts = parts;
  }

  /** Counts a report of a message, once for each network. @throws when the storage rejects the write. */
  async report(id: string, network: string, reason?: string): Promise<Reported> {
    const { clock, reports, lookup } = this.#parts;
    const comment = await lookup.find(id);
    if (!comment) return lookup.notFound(id);
    reports.add(comment.id, network, reason, clock.now());
    return { state: "reported" };
  }

  /** The messages with the most reports first. A message that can't be read right now is left out. */
  async list(): Promise<ReportedComment[]> {
    const found = await Promise.all(
      this.#parts.reports.list(SHOWN_MESSAGES).map((reported) => this.#shown(reported)),
    );
    return found.flat();
  }

  async #shown({ id, count, reasons }: ReportsOfMessage): Promise<ReportedComment[]> {
    const { lookup, state } = this.#parts;
    const comment = await lookup.find(id);
    // Its removal could not delete them.
    if (!comment && state.isRemoved(id)) this.forget([id]);
    if (!comment) return [];
    const around = state.held.around(comment.id, NEIGHBOURS);
    return [
      {
        comment: toComment(comment),
        count,
        reasons,
        around: (around.length > 0 ? around : [comment]).map(toComment),
      },
    ];
  }

  /** Deletes a message's reports and leaves the message. */
  dismiss(id: string, by?: string): void {
    const { reports, desk } = this.#parts;
    if (reports.has(id)) desk.noted("dismiss", id, undefined, by, () => reports.forget([id]));
  }

  /** Deletes the reports of removed messages. Never throws: the removal itself is done. */
  forget(ids: readonly string[]): void {
    try {
      this.#parts.reports.forget(ids);
    } catch (error) {
      this.#parts.log("reports not deleted", { error });
    }
  }
}
