/** The progress of a wall's backup, in the bucket itself: it outlives the object whose storage may be lost. */

/** The part of an R2 bucket that backups use, and that tests and the platform implement. */
export interface Bucket {
  get(key: string): Promise<{ etag: string; text(): Promise<string> } | null>;
  /** Resolves with `null` if the condition doesn't hold. */
  put(key: string, text: string, options?: { onlyIf: { etagMatches: string } }): Promise<unknown>;
  list(options: { prefix: string; startAfter?: string }): Promise<{
    objects: { key: string }[];
    truncated: boolean;
  }>;
}

/** A segment that is being written, newest messages first. */
export interface Run {
  /** The wall's clock at its start, in ms. */
  at: number;
  /** The wall's cursor at its start. */
  cursor: string;
  /** `at` of the segment that it continues; absent if it has the whole wall. */
  since?: number;
  /** The messages continue from this place; `null` once all are written. */
  before: string | null;
  /** The removals continue from this cursor. */
  removedFrom: string;
  /** The words of so many further removals are erased from the parts up to this one. */
  erased?: { count: number; to: string };
  messages: number;
  removals: number;
}

export interface BackupState {
  /** The folder of this series: a whole wall, and the segments that continue it. */
  series: string;
  /** The last finished segment: its start, and the wall's cursor at its end. */
  last?: { at: number; cursor: string; end: string };
  run?: Run;
}

export function stateKey(wall: string): string {
  return `${wall}/state.json`;
}

export async function readState(bucket: Bucket, wall: string) {
  const stored = await bucket.get(stateKey(wall));
  if (!stored) return null;
  const state: BackupState = JSON.parse(await stored.text());
  return { state, etag: stored.etag };
}

/** @throws if another run has written the state meanwhile. */
export async function writeState(
  bucket: Bucket,
  wall: string,
  state: BackupState,
  etag: string | undefined,
): Promise<void> {
  const options = etag === undefined ? undefined : { onlyIf: { etagMatches: etag } };
  const written = await bucket.put(stateKey(wall), JSON.stringify(state), options);
  if (written === null) throw new Error("another run of the backup was faster");
}
