const DAY_FORMAT = new Intl.DateTimeFormat(undefined, {
  weekday: "long",
  day: "numeric",
  month: "long",
});

/** Names the day that begins with the next message, in the reader's time zone and language. */
export function DaySeparator({ timestamp }: { timestamp: number }) {
  return <div className="day-separator">{DAY_FORMAT.format(timestamp)}</div>;
}
