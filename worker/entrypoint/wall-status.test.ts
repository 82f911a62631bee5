import { expect, test } from "vitest";
import { BACKUP_LATE_MS } from "#schema/backup";
import { callsBy } from "../contract/writer-calls";
import { ManualClock } from "../live/testing";
import { serviceWith } from "./testing";

function serviceOf(lastBackup?: () => Promise<number | null>) {
  const clock = new ManualClock();
  const answers: Record<string, unknown> = { health: { ok: true }, status: { ok: true } };
  const writer = callsBy(async (name) => answers[name]);
  return { clock, service: serviceWith({ clock, writer: () => writer, lastBackup }) };
}

test("health reports a backup that is over two days old, and no unknown one", async () => {
  const { clock, service } = serviceOf(async () => at);
  let at: number | null = clock.now();
  expect(await service.health()).toEqual({ ok: true });
  await clock.advance(BACKUP_LATE_MS + 1);
  expect(await service.health()).toEqual({ ok: false, reason: "backup" });
  at = null;
  expect(await service.health()).toEqual({ ok: true });
});

test("the status tells of backups only if there is a bucket", async () => {
  expect(await serviceOf().service.status()).not.toHaveProperty("backup");
  expect(await serviceOf(async () => 7).service.status()).toMatchObject({ backup: { at: 7 } });
});
