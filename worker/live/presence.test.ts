import { expect, test } from "vitest";
import { PRESENCE_MS, PRESENT_BOTS_MAX } from "#schema/limits";
import { Presence } from "./presence";

const NOW = 1_790_000_000_000;

function namesIn(presence: Presence, now: number, connected: string[] = []): string[] {
  return presence.bots(connected, now).map(({ name }) => name);
}

test("a bot is present until 30 s after its last poll, and as long as it holds a channel", () => {
  const presence = new Presence();
  presence.seen("bob", NOW);
  presence.seen("ada", NOW + 1_000);
  expect(presence.bots(["eve"], NOW + 2_000)).toEqual([
    { name: "ada", seenAt: NOW + 1_000 },
    { name: "bob", seenAt: NOW },
    { name: "eve", seenAt: NOW + 2_000 },
  ]);
  expect(namesIn(presence, NOW + PRESENCE_MS)).toEqual(["ada", "bob"]);
  expect(namesIn(presence, NOW + PRESENCE_MS + 1)).toEqual(["ada"]);
  expect(namesIn(presence, NOW + PRESENCE_MS + 1_001, ["eve"])).toEqual(["eve"]);
});

test("a thousand names take no more memory than fifty, and don't displace those present", () => {
  const presence = new Presence();
  const first = Array.from({ length: PRESENT_BOTS_MAX }, (_, n) => `bot-${100 + n}`);
  for (const name of first) presence.seen(name, NOW);
  for (let n = 0; n < 1_000; n += 1) presence.seen(`a-made-up-${n}`, NOW + n);
  expect(namesIn(presence, NOW + 1_000)).toEqual(first);
  for (const name of first.slice(1)) presence.seen(name, NOW + PRESENCE_MS);
  presence.seen("newcomer", NOW + PRESENCE_MS + 1);
  expect(namesIn(presence, NOW + PRESENCE_MS + 1)).toEqual([...first.slice(1), "newcomer"]);
  const connected = Array.from({ length: 100 }, (_, n) => `connected-${n}`);
  expect(namesIn(presence, NOW + PRESENCE_MS + 1, connected)).toHaveLength(PRESENT_BOTS_MAX);
});

test("a clock that was set back keeps nobody present", () => {
  const presence = new Presence();
  presence.seen("ada", NOW);
  expect(namesIn(presence, NOW - 3_600_000)).toEqual([]);
});
