import { expect, test } from "vitest";
import { makeId } from "#schema/id";
import { NONCE_LIFETIME_MS } from "#schema/limits";
import { Nonces } from "./nonces";

const START = 1_790_000_000_000;
const HOUR_MS = 60 * 60 * 1_000;

/** The id of a message at a time; all have one nonce. */
const at = (time: number) => makeId(time, "thesuffix0");

test("a change to yesterday's message does not take the nonce back from today's", () => {
  const nonces = new Nonces();
  const [yesterday, today] = [at(START), at(START + 25 * HOUR_MS)];
  nonces.remember(yesterday);
  nonces.remember(today);
  nonces.remember(yesterday);
  expect(nonces.ofCopy(at(START + 26 * HOUR_MS))).toBe(today);
});

test("of two copies of one message the smaller id is remembered, whichever comes first", () => {
  const [first, copy] = [at(START), at(START + HOUR_MS)];
  for (const order of [
    [first, copy],
    [copy, first],
  ]) {
    const nonces = new Nonces();
    for (const id of order) nonces.remember(id);
    expect(nonces.ofCopy(at(START + 2 * HOUR_MS))).toBe(first);
  }
});

test("a nonce names its message for 24 hours and no longer", () => {
  const nonces = new Nonces();
  nonces.remember(at(START));
  nonces.forgetBefore(START);
  expect(nonces.ofCopy(at(START + NONCE_LIFETIME_MS))).toBe(at(START));
  expect(nonces.ofCopy(at(START + NONCE_LIFETIME_MS + 1))).toBeUndefined();
  nonces.forgetBefore(START + 1);
  expect(nonces.ofCopy(at(START + 1))).toBeUndefined();
});
