/** The last 24 hours of the wall in slots of ten minutes: loaded messages by colour, others by count. */
import type { Comment } from "#schema/comment";
import { timestampOf } from "#schema/id";
import { ACTIVITY_SLOT_MS, ACTIVITY_SLOTS } from "#schema/limits";
import type { Activity } from "#schema/status";
import { newestOf } from "../search/newest";

export interface Slot {
  /** Messages, with those that have no colour. */
  total: number;
  /** The same order of colours in every slot, so that they form bands. */
  parts: { color: string; count: number }[];
}

interface Day {
  comments: readonly Comment[];
  /** The comments that pass the filter and are not muted; the others have no colour. */
  shown: readonly Comment[];
  /** Ids of comments before which older ones are missing. */
  holes: ReadonlySet<string>;
  /** The wall's own counts, once known. */
  activity: Activity | null;
  /** ms since the epoch */
  now: number;
}

/** Start and length of the ribbon's day, in ms. */
export function dayOf(now: number): { from: number; lengthMs: number } {
  const last = Math.floor(now / ACTIVITY_SLOT_MS) * ACTIVITY_SLOT_MS;
  return {
    from: last - (ACTIVITY_SLOTS - 1) * ACTIVITY_SLOT_MS,
    lengthMs: ACTIVITY_SLOTS * ACTIVITY_SLOT_MS,
  };
}

/** The time at a share of the ribbon's height, 0 at the top; all of the last slot stands for now. */
export function timeAt(share: number, now: number): number {
  const { from, lengthMs } = dayOf(now);
  const time = from + Math.max(0, share) * lengthMs;
  return time >= from + lengthMs - ACTIVITY_SLOT_MS ? now : time;
}

/** The place of a time on the ribbon: 0 at the top, 1 at the bottom. */
export function shareOf(time: number, now: number): number {
  const { from, lengthMs } = dayOf(now);
  return Math.min(1, Math.max(0, (time - from) / lengthMs));
}

/** The day's slots, oldest first; `null` where there was no message. */
export function slotsOf({ comments, shown, holes, activity, now }: Day): (Slot | null)[] {
  const { from } = dayOf(now);
  const held = new Array<number>(ACTIVITY_SLOTS).fill(0);
  forEachOf(comments, from, (slot) => {
    held[slot] = (held[slot] ?? 0) + 1;
  });

  const byColor = new Map<string, { count: number; slots: Map<number, number> }>();
  forEachOf(shown, from, (slot, { color }) => {
    const band = byColor.get(color) ?? { count: 0, slots: new Map() };
    band.count += 1;
    band.slots.set(slot, (band.slots.get(slot) ?? 0) + 1);
    byColor.set(color, band);
  });
  const bands = [...byColor].sort(([, a], [, b]) => b.count - a.count);

  // From here on the page holds everything, so that the wall counts only removed messages beside them.
  const hole = newestOf(holes);
  const wholeFrom = hole === undefined ? 0 : timestampOf(hole);
  return held.map((loaded, slot) => {
    const start = from + slot * ACTIVITY_SLOT_MS;
    const total = start >= wholeFrom ? loaded : Math.max(loaded, countAt(activity, start));
    if (total === 0) return null;
    const parts = bands.flatMap(([color, { slots }]) => {
      const count = slots.get(slot);
      return count ? [{ color, count }] : [];
    });
    return { total, parts };
  });
}

function countAt(activity: Activity | null, start: number): number {
  return activity?.counts[Math.round((start - activity.from) / activity.slotMs)] ?? 0;
}

/** Goes from the newest comment back to the start of the day. */
function forEachOf(
  comments: readonly Comment[],
  from: number,
  take: (slot: number, comment: Comment) => void,
): void {
  for (let index = comments.length - 1; index >= 0; index -= 1) {
    const comment = comments[index] as Comment;
    if (comment.timestamp < from) return;
    // The wall's clock may be a little ahead of this one.
    const slot = Math.floor((comment.timestamp - from) / ACTIVITY_SLOT_MS);
    take(Math.min(ACTIVITY_SLOTS - 1, slot), comment);
  }
}
