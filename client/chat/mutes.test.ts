import { expect, test } from "vitest";
import { isMuted, type Mute, readMutes, withMute, withoutMute } from "./mutes";

const RED = "#ff8a8a";
const BLUE = "#55c2f5";
const red = { username: "anonymous", color: RED };
const blue = { username: "anonymous", color: BLUE };

test("a mute of one stranger without a name spares another one in another colour", () => {
  const mutes = withMute([], red);
  expect(isMuted(mutes, red)).toBe(true);
  expect(isMuted(mutes, blue)).toBe(false);
  expect(isMuted(mutes, { username: "ada", color: RED })).toBe(false);
});

test("muting twice is muting once, and it can be undone", () => {
  const mutes = withMute(withMute([], red), red);
  expect(mutes).toHaveLength(1);
  expect(withoutMute(withMute(mutes, blue), red)).toEqual([blue]);
});

test.each<[string, unknown, readonly Mute[]]>([
  ["this release's", [{ username: "loud", color: RED }], [{ username: "loud", color: RED }]],
  ["an earlier release's, by name", ["loud"], [{ username: "loud", color: null }]],
  ["an earlier release's of everybody without a name", ["anonymous", "loud"], readMutes(["loud"])],
  ["nothing", null, []],
  ["something else", { loud: true }, []],
  ["other entries", [null, 7, [], { username: 1, color: RED }, { username: "x" }], []],
])("stored mutes: %s", (_, stored, expected) => {
  expect(readMutes(stored)).toEqual(expected);
});

test("an earlier release's mute hides a name in every colour", () => {
  expect(isMuted(readMutes(["loud"]), { username: "loud", color: BLUE })).toBe(true);
});
