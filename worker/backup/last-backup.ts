/** When a wall was last backed up, for its status and its health. */
import type { Clock } from "../platform/clock";
import { inTime } from "../platform/deadline";
import type { Log } from "../platform/log";
import { type Bucket, readState } from "./state";

/** Each read of the bucket is billed. */
const READ_EVERY_MS = 60_000;

const READ_TIMEOUT_MS = 2_000;

export interface LastBackupParts {
  wall: string;
  bucket: Bucket;
  clock: Clock;
  log: Log;
}

export class LastBackup {
  #at: number | null = null;
  #readAt = Number.NEGATIVE_INFINITY;

  /** The start of the last finished segment, in ms; `null` if none is known. Never throws. */
  async at({ wall, bucket, clock, log }: LastBackupParts): Promise<number | null> {
    const now = clock.now();
    if (Math.abs(now - this.#readAt) < READ_EVERY_MS) return this.#at;
    this.#readAt = now;
    try {
      const reading = readState(bucket, wall);
      const stored = await inTime(clock, READ_TIMEOUT_MS, "the bucket's answer", reading);
      this.#at = stored?.state.last?.at ?? null;
    } catch (error) {
      log("backup not known", { error });
    }
    return this.#at;
  }
}
