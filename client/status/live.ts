/** The live channel's counters, as the status page shows them. */
import { CLOSE, CLOSE_MISSED } from "#schema/live/messages";
import type { LiveStatus, Status } from "#schema/status";

/** The connection was lost (RFC 6455, 7.1.5). */
const LOST = 1006;

/** The reasons for closing a channel, by code. */
const REASONS: Readonly<Record<number, string>> = {
  1000: "by the reader",
  1001: "page left",
  1005: "by the reader",
  [LOST]: "connection lost",
  [CLOSE.violation]: "invalid or too many messages",
  [CLOSE.tooLong]: "message too long",
  [CLOSE.restart]: "wall restarted",
  [CLOSE.tryAgainLater]: "reader too slow",
  [CLOSE_MISSED]: "missed a change",
};

const REFUSALS: Readonly<Record<number, string>> = {
  429: "too many from one network",
  503: "too many in total",
};

/** Posts since the rebuilder started, by the way they came. */
export function postsByWay({ operations, ledger }: Status, live: LiveStatus) {
  const kind = ledger === "sqlite" ? "append" : "notice";
  return { channel: live.posts, http: operations[kind] ?? 0 };
}

/** Channels that a page closed because a read found a change that no frame had brought. */
export function missedIn({ closed }: LiveStatus): number {
  return closed[CLOSE_MISSED] ?? 0;
}

/** Closed channels by reason, the most frequent first. */
export function closedByReason({ closed }: LiveStatus): [reason: string, count: number][] {
  return named(closed, REASONS, "code");
}

/** Refused upgrades by reason, the most frequent first. */
export function refusedByReason({ refused }: LiveStatus): [reason: string, count: number][] {
  return named(refused, REFUSALS, "status");
}

function named(
  counts: Readonly<Record<string, number>>,
  words: Readonly<Record<number, string>>,
  other: string,
): [string, number][] {
  const sums = new Map<string, number>();
  for (const [code, count] of Object.entries(counts)) {
    const reason = words[Number(code)] ?? `${other} ${code}`;
    sums.set(reason, (sums.get(reason) ?? 0) + count);
  }
  return [...sums].sort(([, a], [, b]) => b - a);
}
