import { expect, test } from "vitest";
import { makeId } from "#schema/id";
import type { SqliteStorage } from "./counted-sql";
import { Operations } from "./operations";
import { Senders } from "./senders";

const DAY_MS = 24 * 60 * 60 * 1_000;
const DAY = 20_000;

const idOf = (n: number) => makeId(DAY * DAY_MS + n, n.toString(36).padStart(10, "0"));
const hash = (n: number) => `${DAY}.${n.toString(36).padStart(22, "A")}`;

/**
 * A day's rows, readable only one at a time: reading all at once fails. One of every 50 messages in
 * a row is the flooder's.
 */
function dayOf(rows: number): SqliteStorage {
  function* bodies(after = 0, last = rows) {
    for (let row = after; row < Math.min(last, rows); row += 1) {
      const pairs = Array.from({ length: 50 }, (_, n) => {
        const k = row * 50 + n;
        return [idOf(k), hash(n === 7 ? 7 : 1_000 + (k % 5_000))];
      });
      yield { body: JSON.stringify(pairs) };
    }
  }
  const exec = (query: string, ...bindings: unknown[]) => {
    const [after, last] = bindings.filter((binding) => typeof binding === "number");
    if (query.startsWith("SELECT max")) return { toArray: () => [{ id: rows }], rowsRead: 1 };
    if (query.startsWith("SELECT day")) return [{ day: DAY, key: new ArrayBuffer(32) }];
    const toArray = () => {
      throw new Error("out of memory");
    };
    const rowsOf = query.startsWith("SELECT body") ? bodies(after, last) : [].values();
    return { [Symbol.iterator]: () => rowsOf, toArray, rowsRead: rows, rowsWritten: 0 };
  };
  return { sql: { exec }, transactionSync: (work: () => unknown) => work() } as never;
}

test("a sender's messages of a day are found without loading all rows at once", () => {
  const rows = 2_880;
  const senders = new Senders(dayOf(rows), new Operations());
  const sender = senders.senderOf(idOf(57));
  expect(sender).toBe(hash(7));
  const ids: string[] = [];
  let place: number | null = 0;
  while (place !== null) {
    const found = senders.sentBy(sender ?? "", place);
    ids.push(...found.ids);
    place = found.next;
  }
  expect(ids).toEqual(Array.from({ length: rows }, (_, row) => idOf(row * 50 + 7)));
});
