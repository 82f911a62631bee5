/** Widths in percent of the column: names and lines of an ordinary conversation. */
const GROUPS: readonly { name: number; lines: readonly number[] }[] = [
  { name: 14, lines: [62] },
  { name: 11, lines: [38, 81] },
  { name: 17, lines: [90, 54] },
  { name: 12, lines: [27] },
  { name: 15, lines: [70, 76, 33] },
  { name: 11, lines: [46] },
];

/** Where the messages will be, at the bottom as they will be: nothing moves when they come. */
export function LogSkeleton() {
  return (
    <div aria-hidden className="skeleton flex flex-col gap-4">
      {GROUPS.map(({ name, lines }) => (
        <div key={`${name} ${lines}`} className="message ps-4">
          <div className="flex h-[1.375rem] items-center">
            <span className="h-2.5 rounded-full bg-wash-more" style={{ width: `${name}%` }} />
          </div>
          {lines.map((width) => (
            <div key={width} className="flex h-6 items-center">
              <span className="h-2.5 rounded-full bg-wash" style={{ width: `${width}%` }} />
            </div>
          ))}
        </div>
      ))}
    </div>
  );
}
