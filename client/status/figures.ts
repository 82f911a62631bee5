/** Formats of numbers and times on the status page. */
const COUNT = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const SHORT = new Intl.NumberFormat(undefined, {
  notation: "compact",
  maximumSignificantDigits: 3,
});
const TENTHS = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
const USD = new Intl.NumberFormat(undefined, { style: "currency", currency: "USD" });
const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });

const SECOND_MS = 1_000;
const DAY_MINUTES = 24 * 60;

export const count = (value: number) => COUNT.format(value);
export const short = (value: number) => SHORT.format(value);
export const usd = (value: number) => USD.format(value);
export const time = (at: number) => TIME.format(at);

/** `18 ms`; from one second on, `3.1 s`. */
export function duration(ms: number): string {
  if (ms < SECOND_MS) return `${COUNT.format(ms)} ms`;
  return `${TENTHS.format(ms / SECOND_MS)} s`;
}

/** The time of day, in UTC, at which an allowance used evenly over the day runs out. */
export function usedUpAt(shareOfDay: number): string {
  const minutes = Math.floor(DAY_MINUTES / shareOfDay);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)} UTC`;
}
