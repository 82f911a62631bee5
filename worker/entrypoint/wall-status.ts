/** The wall's own report, or an isolate's knowledge while the single writer is away. */
import { BACKUP_LATE_MS } from "#schema/backup";
import { WINDOW_SIZE } from "#schema/limits";
import type { Health, Status } from "#schema/status";
import type { Asker } from "../contract/asker";
import type { Clock } from "../platform/clock";
import type { Log } from "../platform/log";
import type { Replica } from "./replica/replica";

interface WallStatusParts {
  wall: string;
  clock: Clock;
  asker: Asker;
  replica: Replica;
  log: Log;
  status: Pick<Status, "ledger" | "version">;
  /** When the wall was last backed up, in ms; `null` if that is not known. Absent without a bucket. */
  lastBackup?: (() => Promise<number | null>) | undefined;
}

export async function wallStatus(parts: WallStatusParts): Promise<Status> {
  const { wall, asker, clock, replica, log, status, lastBackup } = parts;
  const ofWriter = asker
    .ask((writer) => writer.status())
    .catch((error) => {
      log("rebuilder away", { error });
      return { ...statusWhileAway(replica, clock.now()), wall, ...status };
    });
  const [known, at] = await Promise.all([ofWriter, lastBackup?.()]);
  return at === undefined ? known : { ...known, backup: { at } };
}

export async function wallHealth(parts: WallStatusParts): Promise<Health> {
  const { asker, clock, log, lastBackup } = parts;
  try {
    const health = await asker.ask((writer) => writer.health());
    const backedUpAt = health.ok ? ((await lastBackup?.()) ?? null) : null;
    const isBackupLate = backedUpAt !== null && clock.now() - backedUpAt > BACKUP_LATE_MS;
    return isBackupLate ? { ok: false, reason: "backup" } : health;
  } catch (error) {
    log("rebuilder away", { error });
    return { ok: false, reason: "away" };
  }
}

function statusWhileAway({ rebuiltAt, view }: Replica, now: number) {
  return {
    ok: false,
    rebuiltAt,
    ageMs: Math.max(0, now - rebuiltAt),
    window: { size: view?.window.length ?? 0, capacity: WINDOW_SIZE },
    pending: { size: 0, dropped: 0 },
    rebuilds: { count: 0, failed: 0, lastMs: 0, p50Ms: 0, p95Ms: 0 },
    operations: {},
    away: true as const,
  };
}
