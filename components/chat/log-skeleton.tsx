/**
 * Widths in percent of the column, as in an ordinary conversation. Classes, because the page's
 * policy blocks `style` attributes in its HTML.
 */
const GROUPS: readonly { name: string; lines: readonly string[] }[] = [
  { name: "w-[14%]", lines: ["w-[62%]"] },
  { name: "w-[11%]", lines: ["w-[38%]", "w-[81%]"] },
  { name: "w-[17%]", lines: ["w-[90%]", "w-[54%]"] },
  { name: "w-[12%]", lines: ["w-[27%]"] },
  { name: "w-[15%]", lines: ["w-[70%]", "w-[76%]", "w-[33%]"] },
  { name: "w-[11%]", lines: ["w-[46%]"] },
];

/**
 * Placeholder rows at the bottom, where the messages will appear, so that nothing moves when they
 * load.
 */
export function LogSkeleton() {
  return (
    <div aria-hidden className="skeleton flex flex-col gap-4">
      {GROUPS.map(({ name, lines }) => (
        <div key={`${name} ${lines}`} className="message ps-4">
          <div className="flex h-[1.375rem] items-center">
            <span className={`h-2.5 rounded-full bg-wash-more ${name}`} />
          </div>
          {lines.map((width) => (
            <div key={width} className="flex h-6 items-center">
              <span className={`h-2.5 rounded-full bg-wash ${width}`} />
            </div>
          ))}
        </div>
      ))}
    </div>
  );
}
