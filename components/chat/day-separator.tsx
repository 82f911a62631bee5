const DAY = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });

/** Where one day ends and the next begins, by the reader's clock. */
export function DaySeparator({ timestamp }: { timestamp: number }) {
  return <div className="day-separator">{DAY.format(timestamp)}</div>;
}
