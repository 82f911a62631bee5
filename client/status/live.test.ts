import { expect, test } from "vitest";
import type { LiveStatus, Status } from "#schema/status";
import { closedByReason, missedIn, postsByWay, refusedByReason } from "./live";

const LIVE: LiveStatus = {
  sockets: 3,
  frames: 900,
  bytes: 90_000,
  posts: 40,
  messages: 45,
  closed: { 1000: 2, 1005: 5, 1006: 4, 1012: 9, 4001: 1, 4999: 3 },
  refused: { 429: 2, 503: 1 },
};

test("closed channels are shown by reason, the most frequent first", () => {
  expect(closedByReason(LIVE)).toEqual([
    ["wall restarted", 9],
    ["by the reader", 7],
    ["connection lost", 4],
    ["code 4999", 3],
    ["missed a change", 1],
  ]);
  expect(missedIn(LIVE)).toBe(1);
});

test("refused channels are shown by reason", () => {
  expect(refusedByReason(LIVE)).toEqual([
    ["too many from one network", 2],
    ["too many in total", 1],
  ]);
});

test("posts are counted by the way they came, on both ledgers", () => {
  const operations = { append: 7, notice: 11 };
  expect(postsByWay({ operations, ledger: "sqlite" } as unknown as Status, LIVE)).toEqual({
    channel: 40,
    http: 7,
  });
  expect(postsByWay({ operations, ledger: "kv" } as unknown as Status, LIVE).http).toBe(11);
});
