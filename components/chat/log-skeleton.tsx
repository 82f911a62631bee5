/**
 * Widths in percent of the column: names and lines of an ordinary conversation. As classes: the page's
 * policy lets no `style` attribute of its HTML take effect.
 */
const GROUPS: readonly { name: string; lines: readonly string[] }[] = [
  { name: "w-[14%]", lines: ["w-[62%]"] },
  { name: "w-[11%]", lines: ["w-[38%]", "w-[81%]"] },
  { name: "w-[17%]", lines: ["w-[90%]", "w-[54%]"] },
  { name: "w-[12%]", lines: ["w-[27%]"] },
  { name: "w-[15%]", lines: ["w-[70%]", "w-[76%]", "w-[33%]"] },
  { name: "w-[11%]", lines: ["w-[46%]"] },
];

/** Where the messages will be, at the bottom as they will be: nothing moves when they come. */
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
