const WHEN = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** A time as admins see it; `at` in ms since the epoch. */
export function When({ at }: { at: number }) {
  return (
    <time dateTime={new Date(at).toISOString()} className="text-tiny text-faint tabular-nums">
      {WHEN.format(at)}
    </time>
  );
}
