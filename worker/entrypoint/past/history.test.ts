import { expect, test } from "vitest";
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
