import { expect, test } from "vitest";
import { compareIds, idOfKey, isId, keyOf, makeId, suffixFromBytes, timestampOf } from "./id";

test("keys in byte order are in the order of comments: newest first, then id ascending", () => {
  const ids = [
    "1700000000001-aaaaaaaaaa",
    "1700000000000-zzzzzzzzzz",
    "1700000000001-0000000000",
    "0999999999999-0000000000",
    "1800000000000-9999999999",
  ];
  const byKey = [...ids].sort((a, b) => (keyOf("main", a) < keyOf("main", b) ? -1 : 1));
  expect(byKey).toEqual([...ids].sort(compareIds));
  expect(byKey[0]).toBe("1800000000000-9999999999");
  expect(byKey[1]).toBe("1700000000001-0000000000");
});

test.each(["main", "a-branch"])(
  "idOfKey finds the id in a key of the wall %s, and none in any other key",
  (wall) => {
    const id = makeId(1_700_000_000_000, "0a1b2c3d4e");
    expect(idOfKey(wall, keyOf(wall, id))).toBe(id);
    expect(idOfKey(wall, `${keyOf(wall, id)}x`)).toBeNull();
    expect(idOfKey("another", keyOf(wall, id))).toBeNull();
    expect(idOfKey(wall, `comment:${timestampOf(id)}:${id}`)).toBeNull();
  },
);

test("isId accepts an id and nothing of another form", () => {
  expect(isId(makeId(5, "0a1b2c3d4e"))).toBe(true);
  for (const wrong of ["", "1700000000000-short", "1700000000000-ABCDEFGHIJ", "x".repeat(24)])
    expect(isId(wrong)).toBe(false);
});

test("a suffix has ten characters, whatever its bytes are", () => {
  expect(suffixFromBytes(new Uint8Array(8))).toBe("0000000000");
  expect(suffixFromBytes(new Uint8Array(8).fill(255))).toMatch(/^[0-9a-z]{10}$/);
});
