// @ts-check
// The tables of `bench -- cost`.
import { short } from "./report.mjs";

/** Calls of each kind that a bot makes. */
export const CALLS = 200;
const PER = 1_000;

/** @typedef {{ rate: number, tabs: number, httpShare?: number, atMost?: number }} Use `rate`: messages a minute; `httpShare`: of the posts, where each tab has a channel */
/** @typedef {Use & { counted: any }} Case */

/** @param {Case | undefined} one */
export function nameOf(one) {
  const { rate, tabs, httpShare } = one ?? {};
  const use = `${rate} messages a minute, ${tabs} tabs`;
  if (httpShare === undefined) return use;
  return `${use} with channels${httpShare > 0 ? `, ${httpShare * 100} % of the posts over HTTP` : ""}`;
}

/** @param {any} bill */
export function ofRebuilds(bill) {
  return bill.lines
    .filter((/** @type {any} */ { part }) => part === "rebuilds" || part === "sweeps")
    .reduce((/** @type {number} */ sum, /** @type {any} */ { usd }) => sum + usd.most, 0);
}

/** @param {{ least: number, most: number }} range */
export function range({ least, most }) {
  return short(least) === short(most) ? short(least) : `${short(least)}–${short(most)}`;
}

/**
 * @param {Case[]} cases
 * @param {any[]} bills
 */
export function usdTable(cases, bills) {
  return {
    title:
      "Paid: $ a month, including the plan's $5; the share of rebuilds and sweeps; GB added per month",
    columns: ["messages a minute", "tabs", "$ a month", "rebuilds $", "GB a month"],
    rows: cases.map(({ rate, tabs }, index) => {
      const storedLine = bills[index].meters.find(
        (/** @type {any} */ { meter }) => meter === "kv_stored_gb",
      );
      const grown = storedLine ? storedLine.amount.most - storedLine.amount.least : 0;
      return [rate, tabs, range(bills[index].usd), ofRebuilds(bills[index]), grown];
    }),
  };
}

/**
 * @param {Case[]} channels
 * @param {any[]} unpinged their bills without pings
 * @param {any[]} pinged
 */
export function channelTable(channels, unpinged, pinged) {
  return {
    title: "Paid, with a live channel in each tab: $ a month, including the plan's $5",
    columns: ["messages a minute", "tabs", "posts over HTTP", "pings unbilled", "pings billed"],
    rows: channels.map(({ rate, tabs, httpShare = 0 }, index) => [
      rate,
      tabs,
      `${httpShare * 100} %`,
      range(unpinged[index].usd),
      range(pinged[index].usd),
    ]),
  };
}

/**
 * @param {Case | undefined} one
 * @param {any} bill
 * @param {any} prices
 */
export function lineTable(one, bill, prices) {
  return {
    title: `By line, Paid: ${nameOf(one)}`,
    columns: ["part", "what", "a month", "$ beyond the plan"],
    rows: bill.lines.map((/** @type {any} */ { part, meter, amount, usd }) => [
      part,
      prices[meter].title,
      range(amount),
      range(usd),
    ]),
  };
}

/**
 * @param {Case[]} cases
 * @param {any[]} bills
 * @param {any} prices
 */
export function freeTable(cases, bills, prices) {
  const meters = [
    "requests",
    "kv_keys_written",
    "kv_lists",
    "kv_keys_read",
    "object_requests",
    "object_gb_s",
    "rows_written",
  ];
  return {
    title: "Free: share of a day's allowance; above 1 the rest of the day is refused",
    columns: ["messages a minute", "tabs", ...meters.map((meter) => prices[meter].title)],
    rows: cases.map(({ rate, tabs }, index) => [
      rate,
      tabs,
      ...meters.map((meter) => {
        const total = bills[index].meters.find((/** @type {any} */ one) => one.meter === meter);
        return total ? range(total.shareOfFree) : 0;
      }),
    ]),
  };
}

/** @param {Record<string, Record<string, number>>} bot */
export function botTable(bot) {
  const kinds = ["row_written", "kv_write", "kv_key_read"];
  return {
    title: `Per ${PER} of a bot's calls: each is also one client request and one object request (includes the rows of the alarm itself)`,
    columns: ["call", "rows written", "KV keys written", "KV keys read"],
    rows: Object.entries(bot).map(([call, taken]) => [
      call,
      ...kinds.map((kind) => ((taken[kind] ?? 0) / CALLS) * PER),
    ]),
  };
}
