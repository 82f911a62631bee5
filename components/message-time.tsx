const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });

/** When a message was accepted: the time of day, the whole of it on hover. */
export function MessageTime({ timestamp, className }: { timestamp: number; className: string }) {
  return (
    <time
      dateTime={new Date(timestamp).toISOString()}
      title={FULL.format(timestamp)}
      className={`text-[0.75rem] leading-5 text-faint tabular-nums ${className}`}
    >
      {TIME.format(timestamp)}
    </time>
  );
}
