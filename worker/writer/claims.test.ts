import { expect, test } from "vitest";
import { Claims } from "./claims";

function newClaims() {
  const told: [id: string, name: string, until: number][] = [];
  const claims = new Claims(({ id, name, until }) => told.push([id, name, until]));
  return { claims, told };
}

const CLAIM = { id: "1", bot: "ada-0q08blvz", until: 30 };

test("a claim with a name is told when it begins, goes on and ends", () => {
  const { claims, told } = newClaims();
  claims.put({ ...CLAIM, name: "ada" });
  claims.put({ ...CLAIM, until: 40, name: "ada" });
  claims.end("1");
  claims.end("1");
  expect(told).toEqual([
    ["1", "ada", 30],
    ["1", "ada", 40],
    ["1", "ada", 0],
  ]);
});

test("a claim without a name is not told", () => {
  const { claims, told } = newClaims();
  claims.put(CLAIM);
  claims.end("1");
  expect(told).toEqual([]);
});

test("the next claim without a name ends what was shown", () => {
  const { claims, told } = newClaims();
  claims.put({ ...CLAIM, name: "ada" });
  claims.put({ ...CLAIM, bot: "bob-71mmqapo" });
  expect(told.slice(1)).toEqual([["1", "ada", 0]]);
});

test("once its answer has come, a claim lives on and is not shown", () => {
  const { claims, told } = newClaims();
  claims.put({ ...CLAIM, name: "ada" });
  claims.hide("1");
  claims.hide("1");
  expect(told.slice(1)).toEqual([["1", "ada", 0]]);
  expect(claims.live("1", 29)).toMatchObject(CLAIM);
});
