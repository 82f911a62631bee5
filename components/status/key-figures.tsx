import { count, duration } from "#client/status/figures";
import type { Sample, Status } from "#schema/status";

interface KeyFiguresProps {
  status: Status;
  history: readonly Sample[];
}

/** The wall's current state in four numbers. */
export function KeyFigures({ status, history }: KeyFiguresProps) {
  const { ageMs, away, window, pending, rebuilds } = status;
  const newest = history.at(-1);
  const messages = newest && (newest.operations.message ?? 0);
  const known = (figure: string) => (away ? "–" : figure);
  const figures = [
    ["Cache age", status.rebuiltAt === 0 ? "–" : duration(ageMs), "at the last check"],
    [
      "Rebuild",
      known(duration(rebuilds.p50Ms)),
      away ? "unavailable" : `95% within ${duration(rebuilds.p95Ms)}`,
    ],
    [
      "Messages",
      messages === undefined ? "–" : count(messages),
      `in the last minute; ${count(window.size)} of ${count(window.capacity)} cached`,
    ],
    [
      "Waiting for a bot",
      known(count(pending.size)),
      pending.dropped > 0 ? `${count(pending.dropped)} dropped` : "unanswered messages",
    ],
  ] as const;
  return (
    <dl className="key-figures">
      {figures.map(([name, figure, note]) => (
        <div key={name}>
          <dt className="text-small text-quiet">{name}</dt>
          <dd className="key-figure">{figure}</dd>
          <dd className="text-tiny text-faint">{note}</dd>
        </div>
      ))}
    </dl>
  );
}
