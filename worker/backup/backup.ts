/**
 * Writes a wall's backup to a bucket: the whole wall once, then each day what came or was removed since. The cron calls
 * it every minute, and each call does one bounded step, so a wall of any size is written in the end, and a failed step
 * is repeated a minute later.
 */
import { EXPORT_OVERLAP_MS, type ExportHeader, type RemovedIds } from "#schema/backup";
import type { Comment } from "#schema/comment";
import { type Cursor, parseCursor } from "#schema/cursor";
import { makeId } from "#schema/id";
import { type Place, parsePlace } from "#schema/place";
import type { Clock } from "../platform/clock";
import type { Log } from "../platform/log";
import { eraseFromParts, nameOfTime, writePart } from "./parts";
import { type BackupState, type Bucket, type Run, readState, writeState } from "./state";

/** One step's messages as JSON: a part is held in memory, and read again when one of its messages is removed. */
const STEP_BYTES_MAX = 4_000_000;

/** Pages of 100 messages per step. With the lists and reads of KV, far below the 1,000 operations of an invocation. */
const STEP_PAGES_MAX = 50;

/** No page or part is begun after this time: the next minute's call continues. */
const STEP_MS = 20_000;

const NEWER_THAN_ALL = makeId(9_999_999_999_999, "0000000000");

/** A page of the wall's past, newest first. */
export interface BackupPage {
  comments: Comment[];
  removed: string[];
  nextBefore: string | null;
}

export interface BackupParts {
  wall: string;
  bucket: Bucket;
  clock: Clock;
  /** @throws while the single writer is unavailable. */
  page: (before: Place) => Promise<BackupPage>;
  /** `end`: the sequence at which the segment that began at `since` had ended. */
  removedSince: (since?: Cursor, end?: number) => Promise<RemovedIds>;
  log: Log;
}

/** One step of the backup. Never throws. */
export async function backUp(parts: BackupParts): Promise<void> {
  const { wall, bucket, clock, log } = parts;
  try {
    const stored = await readState(bucket, wall);
    const state = stored?.state;
    if (state?.last && !state.run && isSameDay(state.last.at, clock.now())) return;
    const begun = state?.run ? state : await begin(parts, state?.last, state?.series);
    const after = await goOn(parts, begun);
    await writeState(bucket, wall, after, stored?.etag);
  } catch (error) {
    log("backup failed", { error });
  }
}

/**
 * Begins a segment: of the whole wall if there is none yet, or if the wall can't tell what came and went since the last
 * one. An older series stays, because it may be all that is left of a wall that was lost.
 */
async function begin(
  { removedSince }: BackupParts,
  last: BackupState["last"],
  series: string | undefined,
): Promise<BackupState> {
  // From its start: during a long segment messages may have come that it had passed already.
  const told = await (last
    ? removedSince(cursorIn(last.cursor), cursorIn(last.end).sequence)
    : removedSince());
  const { at, cursor } = told.more ? await removedSince() : told;
  const isContinued = last && series && !told.gap && !told.older;
  const run: Run = {
    at,
    cursor,
    ...(isContinued && { since: last.at }),
    before: NEWER_THAN_ALL,
    removedFrom: last && !told.gap ? last.cursor : cursor,
    messages: 0,
    removals: 0,
  };
  return { series: isContinued ? series : nameOfTime(at), ...(last && { last }), run };
}

async function goOn(parts: BackupParts, state: BackupState): Promise<BackupState> {
  const { clock, log } = parts;
  const began = clock.now();
  const isLate = () => Math.abs(clock.now() - began) >= STEP_MS;
  const run = { ...(state.run as Run) };
  await writeMessages(parts, state.series, run, isLate);
  const { series, last } = state;
  if (run.before !== null || isLate()) return { series, ...(last && { last }), run };
  const end = await writeRemovals(parts, series, run, isLate);
  if (end === "gap") {
    log("backup begins again", { series });
    return { series, ...(last && { last }) };
  }
  if (end === "late") return { series, ...(last && { last }), run };
  const { at, since, messages, removals } = run;
  log("backup written", { series, whole: since === undefined, messages, removals });
  return { series, last: { at, cursor: run.cursor, end: run.removedFrom } };
}

/** Writes one part of messages, and the ids of removed ones between them. */
async function writeMessages(
  { wall, bucket, page }: BackupParts,
  series: string,
  run: Run,
  isLate: () => boolean,
): Promise<void> {
  const oldest = run.since === undefined ? 0 : run.since - EXPORT_OVERLAP_MS;
  const comments: Comment[] = [];
  const removed = new Set<string>();
  const encoder = new TextEncoder();
  let bytes = 0;
  for (let pages = 0; run.before !== null && pages < STEP_PAGES_MAX; pages += 1) {
    if (bytes >= STEP_BYTES_MAX || isLate()) break;
    const next = await page(placeIn(run.before));
    const wanted = next.comments.filter(({ timestamp }) => timestamp >= oldest);
    comments.push(...wanted);
    for (const id of next.removed) removed.add(id);
    bytes += encoder.encode(JSON.stringify(wanted)).byteLength;
    run.before = wanted.length < next.comments.length ? null : next.nextBefore;
  }
  if (comments.length + removed.size === 0) return;
  const lines = { comments, removed: [...removed] };
  await writePart(bucket, `${wall}/${series}`, headerOf(wall, run), lines);
  run.messages += comments.length;
}

/** Erases the words of removed messages from every part, then writes the removals down. */
async function writeRemovals(
  { wall, bucket, removedSince }: BackupParts,
  series: string,
  run: Run,
  isLate: () => boolean,
): Promise<"done" | "late" | "gap"> {
  for (;;) {
    const { removed, cursor, more, gap } = await removedSince(cursorIn(run.removedFrom));
    if (gap) return "gap";
    if (removed.length > 0) {
      // Removals made since the last step are to be erased from the first parts too.
      const count = removed.length;
      const after = run.erased?.count === count ? run.erased.to : undefined;
      const to = await eraseFromParts(bucket, wall, removed, after, isLate);
      if (to !== null) {
        run.erased = { count, to };
        return "late";
      }
      const lines = { comments: [], removed };
      await writePart(bucket, `${wall}/${series}`, headerOf(wall, run), lines);
    }
    delete run.erased;
    run.removals += removed.length;
    run.removedFrom = cursor;
    if (!more) return "done";
    if (isLate()) return "late";
  }
}

function headerOf(wall: string, { at, cursor, since }: Run): ExportHeader {
  return { saywhatwant: "export", wall, at, cursor, ...(since !== undefined && { since }) };
}

function isSameDay(a: number, b: number): boolean {
  return nameOfTime(a).slice(0, 10) === nameOfTime(b).slice(0, 10);
}

function cursorIn(text: string): Cursor {
  return parseCursor(text) ?? invalid(text);
}

function placeIn(text: string): Place {
  return parsePlace(text) ?? invalid(text);
}

function invalid(text: string): never {
  throw new Error(`invalid in the backup's state: ${text}`);
}
