import { expect, test } from "vitest";
import { SizedMap } from "./sized-map";

test("the oldest values are evicted for the newest, and replaced or deleted values free their bytes", () => {
  const map = new SizedMap<string>(10, (value) => value.length);
  map.set("a", "1234");
  map.set("b", "1234");
  map.set("a", "12");
  map.set("c", "1234");
  expect([map.get("a"), map.get("b"), map.get("c"), map.bytes]).toEqual(["12", "1234", "1234", 10]);
  map.set("d", "1");
  expect([map.get("b"), map.bytes]).toEqual([undefined, 7]);
  map.delete("c");
  map.delete("unknown");
  expect(map.bytes).toBe(3);
  map.set("e", "12345678901");
  expect([map.get("a"), map.get("e"), map.bytes]).toEqual([undefined, undefined, 0]);
  map.set("f", "1");
  map.clear();
  expect([map.get("f"), map.bytes]).toEqual([undefined, 0]);
});
