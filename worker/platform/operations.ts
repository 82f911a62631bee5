/**
 * Counts by kind since this incarnation of the object started: billed operations, and their causes (`poll` and
 * `message`).
 */
import type { CallName } from "#schema/calls";

export type OperationKind =
  | "kv_list"
  | "kv_list_sweep"
  | "kv_list_history"
  | "kv_list_move"
  | "kv_read_call"
  | "kv_read_call_history"
  | "kv_read_call_move"
  | "kv_key_read"
  | "kv_key_read_history"
  | "kv_key_read_move"
  | "kv_write"
  | "row_written"
  | "row_read"
  | "alarm_set"
  | "live_connect"
  | "live_message"
  | CallName
  | "poll"
  | "message";

export class Operations {
  readonly #counts = new Map<OperationKind, number>();

  count(kind: OperationKind, times = 1): void {
    this.#counts.set(kind, this.of(kind) + times);
  }

  of(kind: OperationKind): number {
    return this.#counts.get(kind) ?? 0;
  }

  /** The ledger operations since `before` was taken, under the field names of the log line. */
  ledgerSince(before: { list: number; get: number; put: number }) {
    const now = this.ledger();
    return { list: now.list - before.list, get: now.get - before.get, put: now.put - before.put };
  }

  ledger() {
    return { list: this.of("kv_list"), get: this.of("kv_read_call"), put: this.of("kv_write") };
  }

  toObject(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }
}
