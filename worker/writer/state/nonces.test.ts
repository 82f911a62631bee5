import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { makeId, suffixFromBytes, suffixOf } from "#schema/id";
import { NONCE_LIFETIME_MS } from "#schema/limits";
import type { NonceArchive, NonceSource } from "../../journal/journal";
import { Nonces } from "./nonces";

const START = 1_790_000_000_000;
const HOUR_MS = 60 * 60 * 1_000;

/** A journal's archives, counting the reads. */
class Archives implements NonceSource {
  readonly #rows: (NonceArchive & { key: number })[] = [];
  reads = 0;

  /** Archives the nonces as a rotation does. */
  take(nonces: Nonces): void {
    const archives = nonces.toArchive().map((archive) => {
      const row = { ...archive, key: this.#rows.length + 1 };
      this.#rows.push(row);
      return row;
    });
    nonces.beginGeneration();
    nonces.ask(archives);
  }

  archives(since: number) {
    return this.#rows.filter(({ newest }) => newest >= since);
  }

  archivedId(key: number, suffix: string): string | null {
    this.reads += 1;
    return this.#rows[key - 1]?.ids.find((id) => suffixOf(id) === suffix) ?? null;
  }
}

/** The id of the n-th message; one is sent each second. */
const nth = (n: number) => makeId(START + n * 1_000, suffixFromBytes(digest(n)));
const digest = (n: number) => createHash("sha256").update(`nonce ${n}`).digest();

/** The id of a message sent at `time`; all of them share one nonce. */
const at = (time: number) => makeId(time, "thesuffix0");

test("changing yesterday's message leaves its nonce with today's", () => {
  const nonces = new Nonces(new Archives());
  const [yesterday, today] = [at(START), at(START + 25 * HOUR_MS)];
  nonces.remember(yesterday);
  nonces.remember(today);
  nonces.remember(yesterday);
  expect(nonces.ofCopy(at(START + 26 * HOUR_MS))).toBe(today);
});

test("the smaller id of two copies of one message is remembered, in either order", () => {
  const [first, copy] = [at(START), at(START + HOUR_MS)];
  for (const order of [
    [first, copy],
    [copy, first],
  ]) {
    const nonces = new Nonces(new Archives());
    for (const id of order) nonces.remember(id);
    expect(nonces.ofCopy(at(START + 2 * HOUR_MS))).toBe(first);
  }
});

test("a nonce belongs to its message for exactly 24 hours", () => {
  const nonces = new Nonces(new Archives());
  nonces.remember(at(START));
  nonces.forgetBefore(START);
  expect(nonces.ofCopy(at(START + NONCE_LIFETIME_MS))).toBe(at(START));
  expect(nonces.ofCopy(at(START + NONCE_LIFETIME_MS + 1))).toBeUndefined();
  nonces.forgetBefore(START + 1);
  expect(nonces.ofCopy(at(START + 1))).toBeUndefined();
});

test("archived nonces are found, unknown ones cause almost no reads, and expired archives none", () => {
  const archives = new Archives();
  const nonces = new Nonces(archives);
  const [generations, size] = [20, 1_000];
  const total = generations * size;
  for (let n = 0; n < total; n += 1) {
    nonces.remember(nth(n));
    if (n % size === size - 1) archives.take(nonces);
  }
  const restarted = new Nonces(archives);
  restarted.ask(archives.archives(0));
  for (const known of [nonces, restarted]) {
    archives.reads = 0;
    for (let n = 0; n < total; n += 13) expect(known.ofCopy(nth(n))).toBe(nth(n));
    expect(archives.reads).toBeLessThan((total / 13) * 1.1);
    archives.reads = 0;
    for (let n = total; n < total + 2_000; n += 1) expect(known.ofCopy(nth(n))).toBeUndefined();
    expect(archives.reads).toBeLessThan(40);
  }
  nonces.forgetBefore(START + total * 1_000);
  archives.reads = 0;
  for (let n = 0; n < total; n += 13) expect(nonces.ofCopy(nth(n))).toBeUndefined();
  expect(archives.reads).toBe(0);
});

test("the later of two archived copies counts, unless it is another message with the same nonce", () => {
  const archives = new Archives();
  const nonces = new Nonces(archives);
  const [elder, copy] = [at(START), at(START + HOUR_MS)];
  const next = at(START + 25 * HOUR_MS);
  for (const id of [copy, elder, next, elder]) {
    nonces.remember(id);
    archives.take(nonces);
  }
  expect(nonces.ofCopy(at(START - HOUR_MS))).toBe(elder);
  expect(nonces.ofCopy(at(START + 26 * HOUR_MS))).toBe(next);
});

test("recalling a removed message leaves its nonce with the archived message that it names", () => {
  const archives = new Archives();
  const nonces = new Nonces(archives);
  const [elder, copy] = [at(START), at(START + HOUR_MS)];
  nonces.remember(copy);
  archives.take(nonces);
  nonces.recall(elder);
  expect(nonces.ofCopy(copy)).toBe(copy);
  expect(nonces.toArchive()).toEqual([]);
});

test("recalling a removed message takes its nonce from the message of the day before, and not from a later one", () => {
  const nonces = new Nonces(new Archives());
  const [elder, removed, later] = [START, START + 25 * HOUR_MS, START + 50 * HOUR_MS].map(at);
  nonces.remember(elder as string);
  nonces.recall(removed as string);
  expect(nonces.ofCopy(at(START + 26 * HOUR_MS))).toBe(removed);
  nonces.remember(later as string);
  nonces.recall(removed as string);
  expect(nonces.ofCopy(at(START + 51 * HOUR_MS))).toBe(later);
});
