const DAY = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });

/** Separates two days, by the reader's clock. */
export function DaySeparator({ timestamp }: { timestamp: number }) {
  return <div className="day-separator">{DAY.format(timestamp)}</div>;
}
