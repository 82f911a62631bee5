import { expect, test } from "vitest";
import type { StoredComment } from "#schema/comment";
import { makeId, timestampOf } from "#schema/id";
import type { KvLedger } from "../../ledger/kv";
import type { SqliteMessages } from "../../ledger/sqlite-messages";
import { bringStragglers } from "./stragglers";

const NOW = 1_790_000_000_000;

test("keys older than the oldest row are left alone: their rows were dropped for lack of room", async () => {
  const [young, old] = [makeId(NOW - 1_000, "the0young0"), makeId(NOW - 3_000, "thedropped")];
  const commentOf = (id: string) => ({ id, timestamp: timestampOf(id), text: id, botParams: {} });
  const brought: string[] = [];
  await bringStragglers({
    movedAt: NOW - 5_000,
    now: NOW,
    ledger: {
      newest: async () => ({ ids: [young, old], next: null }),
      read: async (ids: string[]) =>
        new Map(ids.map((id) => [id, commentOf(id) as unknown as StoredComment])),
    } as unknown as KvLedger,
    messages: { get: () => null, keptFrom: () => NOW - 2_000 } as unknown as SqliteMessages,
    notice: ({ id }) => void brought.push(id),
  });
  expect(brought).toEqual([young]);
});
