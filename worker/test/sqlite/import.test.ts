/** Rows after an import: a start must not read them all. */

import { expect, test } from "vitest";
import { CHANGE_LOG_SIZE } from "#schema/limits";
import { toComment } from "#worker/record";

import { newIsolate } from "../isolate";
import { ADMIN, commentAt, expectValue, newWall } from "../wall";

const HOUR_MS = 3_600_000;

test("a start reads few of the imported comments", async () => {
  const wall = newWall();
  const { service } = newIsolate(wall);
  const count = 3 * CHANGE_LOG_SIZE;
  const start = Date.now() - HOUR_MS;
  for (let n = 0; n < count; n += 100) {
    const comments = Array.from({ length: 100 }, (_, k) => toComment(commentAt(start - n - k, n)));
    expect(expectValue(await service.admin.importComments(ADMIN, { comments }))).toEqual({
      added: 100,
      known: 0,
    });
  }
  await wall.evict();
  const { id } = await wall.post({ text: "afterwards" });
  const [first, second] = await wall.newest();
  expect([first?.id, second?.timestamp]).toEqual([id, start]);
  const { operations } = await wall.status();
  expect(operations.row_read).toBeLessThan(100);
}, 60_000);
