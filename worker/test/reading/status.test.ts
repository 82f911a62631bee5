/** The last hour in `GET /api/status`, in the real runtime. */
import { expect, test } from "vitest";
import { SAMPLE_MS } from "#schema/limits";
import { conditionOf } from "#schema/status";
import { Operations } from "#worker/platform/operations";
import { Metrics } from "#worker/status/metrics";
import { SqliteSamples } from "#worker/status/sqlite-samples";
import { eventually } from "../eventually";
import { newIsolate } from "../isolate";
import { BOT, newWall, suffix } from "../wall";

test("samples survive a restart of the object, and after ten minutes they give a cost", async () => {
  const wall = newWall();
  expect((await wall.status()).cost).toBeUndefined();
  const rows: number[] = [];

  await wall.inObject((_object, { storage }) => {
    const operations = new Operations();
    const clock = { time: Date.now() - 12 * SAMPLE_MS };
    const store = new SqliteSamples(storage, operations);
    const now = () => clock.time;
    const metrics = new Metrics({ clock: { now, sleep: async () => {} }, operations, store });
    for (let minute = 0; minute < 11; minute += 1) {
      operations.count("kv_list", 20);
      operations.count("row_written", 3);
      operations.count("message", 2);
      metrics.rebuilt(15, 3_100);
      clock.time += SAMPLE_MS;
      const before = operations.of("row_written");
      metrics.keep();
      rows.push(operations.of("row_written") - before);
    }
  });
  // A row each minute, and another at the first minute of a ten-minute slot.
  expect(rows.filter((count) => count !== 1).length).toBeLessThanOrEqual(2);
  expect(Math.max(...rows)).toBeLessThanOrEqual(2);
  await wall.evict();

  const { history = [], cost, activity } = await wall.status();
  expect(history.length).toBeGreaterThanOrEqual(11);
  expect(activity?.counts.reduce((sum, count) => sum + count, 0)).toBe(22);
  expect(history[1]).toMatchObject({ ms: SAMPLE_MS, operations: { kv_list: 20, message: 2 } });
  expect(cost?.lines.find(({ meter }) => meter === "kv_lists")?.perMonth).toBeGreaterThan(800_000);
  expect(cost?.free.find(({ meter }) => meter === "kv_lists")?.allowed).toBe(1_000);
});

test("polls and status requests write nothing and are counted", async () => {
  const wall = newWall();
  await wall.post({ text: "hello" });
  await wall.newest();
  const isolate = newIsolate(wall);
  await isolate.read();
  // Prevent a rebuild in between.
  await wall.inObject((_object, { storage }) => storage.deleteAlarm());
  const before = (await wall.status()).operations;
  for (let poll = 0; poll < 5; poll += 1) await isolate.read();
  isolate.advance(2_000);
  await isolate.read();
  for (let look = 0; look < 5; look += 1) await wall.status();
  const after = (await wall.status()).operations;
  expect((after.poll ?? 0) - (before.poll ?? 0)).toBe(6);
  for (const kind of ["row_written", "kv_list", "kv_key_read", "kv_write"])
    expect([kind, after[kind]]).toEqual([kind, before[kind]]);
});

test("a message is counted once: not again when marked, resent, or found in history", async () => {
  const wall = newWall();
  const hourAgo = Date.now() - 3_600_000;
  await wall.store({ timestamp: hourAgo, suffix: suffix(1) });
  const { id } = await wall.post({ text: "first", nonce: "the-nonce-1" });
  await wall.post({ text: "first", nonce: "the-nonce-1" });
  await wall.post({ text: "answer", type: "bot", nonce: "the-nonce-2" }, BOT);
  await wall.post({ text: "answer", type: "bot", nonce: "the-nonce-2" }, BOT);
  await eventually(async () => expect(await wall.newest()).toHaveLength(3));
  await wall.patch(id);
  await wall.rebuildTimes(1);
  expect((await wall.status()).operations.message).toBe(2);
});

test("without the rebuilder, the status says so and leaves the wall's condition unknown", async () => {
  const isolate = newIsolate(newWall());
  await isolate.read();
  isolate.away = true;
  const status = await isolate.service.status();
  expect(status).toMatchObject({ ok: false, away: true });
  expect(status.rebuiltAt).toBeGreaterThan(0);
  expect(conditionOf(status)).toBe("unknown");
});
