const DAY = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });

/** Where one day ends and the next begins, by the reader's clock. */
export function DaySeparator({ timestamp }: { timestamp: number }) {
  return (
    <div className="mt-7 mb-5 flex items-center gap-4 text-[0.75rem] text-faint first:mt-0">
      <span aria-hidden className="h-px flex-1 bg-line" />
      {DAY.format(timestamp)}
      <span aria-hidden className="h-px flex-1 bg-line" />
    </div>
  );
}
