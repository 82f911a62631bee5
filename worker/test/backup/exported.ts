/** Exports and imports a wall with the calls that the commands make. */
import type { ExportHeader, RemovedIds } from "#schema/backup";
import { parseCursor } from "#schema/cursor";
import { HISTORY_PAGE_MAX, IMPORT_MAX } from "#schema/limits";
import type { Imported } from "#schema/move";
import { parsePlace } from "#schema/place";
import type { Read } from "#schema/read";
import { newIsolate } from "../isolate";
import { ADMIN, expectValue, type Wall } from "../wall";

export async function removalsSince(wall: Wall, cursor?: string): Promise<RemovedIds> {
  const since = cursor === undefined ? undefined : (parseCursor(cursor) ?? undefined);
  return expectValue(await newIsolate(wall).service.removals(ADMIN, since));
}

/** All pages of an export. */
export async function exported(wall: Wall, limit = HISTORY_PAGE_MAX) {
  const { service } = newIsolate(wall);
  const comments: Read["comments"] = [];
  const removed = new Set<string>();
  for (let before: string | null = "9999999999999-0000000000"; before; ) {
    const place = parsePlace(before);
    if (!place) throw new Error(`no place: ${before}`);
    const { body } = expectValue(await service.exportPage(ADMIN, { before: place, limit }));
    const page: Read = JSON.parse(new TextDecoder().decode(body));
    comments.push(...page.comments);
    for (const id of page.removed) removed.add(id);
    before = page.nextBefore ?? null;
  }
  return { comments, removed: [...removed] };
}

/** Imports removals, then comments. */
export async function importInto(
  wall: Wall,
  comments: readonly unknown[],
  removed: readonly string[] = [],
): Promise<Required<Imported>> {
  const { service } = newIsolate(wall);
  const total = { added: 0, known: 0, removed: 0, remembered: 0 };
  const send = async (body: { comments: readonly unknown[]; removed?: readonly string[] }) => {
    const imported = expectValue(await service.admin.importComments(ADMIN, body));
    for (const [name, count] of Object.entries(imported)) total[name as keyof Imported] += count;
  };
  for (let n = 0; n < removed.length; n += IMPORT_MAX)
    await send({ comments: [], removed: removed.slice(n, n + IMPORT_MAX) });
  for (let n = 0; n < comments.length; n += IMPORT_MAX)
    await send({ comments: comments.slice(n, n + IMPORT_MAX) });
  return total;
}

/** The lines of an export, as text. */
export function linesOf(text: string) {
  const lines = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  return {
    header: lines.find((line) => line.saywhatwant) as ExportHeader | undefined,
    comments: lines.filter((line) => line.id),
    removed: lines.flatMap((line): string[] => line.removed ?? []),
  };
}
