const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });

/** The time of day, in the reader's time zone and language. */
export function timeOf(timestamp: number): string {
  return TIME.format(timestamp);
}

interface MessageTimeProps {
  timestamp: number;
  /** The comment's id, once it has one. */
  id?: string | undefined;
  className: string;
  onJump?: (id: string) => void;
}

/** Acceptance time: the time of day, with the full date on hover and the permalink on click. */
export function MessageTime({ timestamp, id, className, onJump }: MessageTimeProps) {
  const time = (
    <time dateTime={new Date(timestamp).toISOString()} title={FULL.format(timestamp)}>
      {timeOf(timestamp)}
    </time>
  );
  if (!id) return <span className={className}>{time}</span>;
  return (
    <a
      href={`#${id}`}
      className={className}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        onJump?.(id);
      }}
    >
      {time}
    </a>
  );
}
