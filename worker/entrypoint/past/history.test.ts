import { expect, test } from "vitest";
import { makeId } from "#schema/id";
import { readHistory } from "./history";

test("a list that leads back to its own cursor ends the page instead of going on for ever", async () => {
  const asked: (string | undefined)[] = [];
  const before = { id: "1767225656607-akxarcp3cv", listCursor: "here" };
  const page = await readHistory(
    { before, limit: 10 },
    {
      ledger: {
        newest: async (cursor) => {
          asked.push(cursor ?? undefined);
          return { ids: [], foreign: 0, next: "here" };
        },
        read: async () => new Map(),
      },
      overlay: async () => ({ held: [], marks: [] }),
      mayGoOn: async () => true,
      log: () => {},
    },
  );
  expect(asked).toEqual(["here"]);
  expect(page).toMatchObject({ comments: [], nextBefore: expect.any(String) });
});

test("every hundred ids that are read behind removed messages count for the rate limit", async () => {
  const all = Array.from({ length: 3_000 }, (_, n) => makeId(1_767_225_656_607 - n, "akxarcp3cv"));
  const removal = (id: string) => [id, { id, removed: true, sequence: 1 }] as const;
  let [counted, read] = [0, 0];
  await readHistory(
    { before: { id: makeId(1_767_225_656_608, "akxarcp3cv") }, limit: 100 },
    {
      ledger: {
        newest: async (cursor) => {
          const from = Number(cursor ?? 0);
          const ids = all.slice(from, from + 1_000);
          return { ids, foreign: 0, next: from + 1_000 < all.length ? `${from + 1_000}` : null };
        },
        read: async (ids) => {
          read += ids.length;
          return new Map(ids.map(removal));
        },
      },
      overlay: async () => ({ held: [], marks: [] }),
      mayGoOn: async () => {
        counted += 1;
        return true;
      },
      log: () => {},
    },
  );
  expect(read).toBeGreaterThan(1_000);
  // The request itself counts for the first hundred.
  expect(counted).toBeGreaterThanOrEqual(read / 100 - 1);
});
