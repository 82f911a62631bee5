/**
 * The parts of a backup's segments: files of an export's lines. A name has the timestamps of its newest and oldest
 * message, so that removed words are found without reading every part.
 */
import type { ExportHeader } from "#schema/backup";
import type { Comment } from "#schema/comment";
import { timestampOf } from "#schema/id";
import type { Bucket } from "./state";

const MESSAGES = /\/messages-(\d{13})-(\d{13})-[0-9a-z]+\.jsonl$/;

/** The name of a folder or file for a time in ms, such as `2026-11-30T03-00-00Z`. */
export function nameOfTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replaceAll(":", "-")}Z`;
}

/**
 * Writes a part. Its name is unique: after a failed step its lines are written again, and may differ.
 * @param folder of the series
 */
export async function writePart(
  bucket: Bucket,
  folder: string,
  header: ExportHeader,
  { comments, removed }: { comments: readonly Comment[]; removed: readonly string[] },
): Promise<void> {
  const lines = [header, ...comments, ...removed.map((id) => ({ removed: id }))];
  const times = comments.map(({ timestamp }) => String(timestamp).padStart(13, "0")).sort();
  const kind = comments.length > 0 ? `messages-${times.at(-1)}-${times[0]}` : "removed";
  const unique = crypto.randomUUID().slice(0, 8);
  const name = `${folder}/${nameOfTime(header.at)}/${kind}-${unique}.jsonl`;
  await bucket.put(name, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
}

/**
 * Erases removed messages from all parts of a wall after a name, until `isLate`. Returns the name of the last part
 * that it finished; `null` when it is through.
 */
export async function eraseFromParts(
  bucket: Bucket,
  wall: string,
  removed: readonly string[],
  after: string | undefined,
  isLate: () => boolean,
): Promise<string | null> {
  let startAfter = after;
  for (;;) {
    const listed = await bucket.list({
      prefix: `${wall}/`,
      ...(startAfter !== undefined && { startAfter }),
    });
    for (const { key } of listed.objects) {
      const ids = idsIn(key, removed);
      if (ids.length > 0) await eraseFrom(bucket, key, ids);
      startAfter = key;
      if (ids.length > 0 && isLate()) return key;
    }
    if (!listed.truncated) return null;
  }
}

/** Those ids whose messages may be in a part, by its name. */
function idsIn(key: string, ids: readonly string[]): string[] {
  const [, newest, oldest] = MESSAGES.exec(key) ?? [];
  if (newest === undefined || oldest === undefined) return [];
  const [from, to] = [Number(oldest), Number(newest)];
  return ids.filter((id) => timestampOf(id) >= from && timestampOf(id) <= to);
}

async function eraseFrom(bucket: Bucket, key: string, ids: readonly string[]): Promise<void> {
  const text = await (await bucket.get(key))?.text();
  if (text === undefined) return;
  const gone = new Set(ids);
  const lines = text.split("\n");
  const kept = lines.filter((line) => line === "" || !gone.has(JSON.parse(line).id));
  if (kept.length < lines.length) await bucket.put(key, kept.join("\n"));
}
