/** The published snapshot: it answers reads when the single writer is unavailable. */
import * as v from "valibot";
import type { Change } from "../change";
import { CommentSchema } from "../comment";
import { WINDOW_SIZE } from "../limits";
import { WallView } from "./wall-view";

/** Newest changes listed in the snapshot, so that a recent cursor gets a delta from it. */
const SPARE_LOG_SIZE = WINDOW_SIZE;

const SpareSchema = v.object({
  store: v.string(),
  sequence: v.number(),
  rebuiltAt: v.number(),
  paused: v.optional(v.literal(true)),
  /** Newest first. */
  window: v.array(CommentSchema),
  /** Ids of the newest changes, oldest first; the last has the snapshot's sequence. */
  log: v.array(v.object({ id: v.string(), removed: v.optional(v.literal(true)) })),
});

export function serialiseSpare(view: WallView, rebuiltAt: number, isPaused: boolean): string {
  const { store, sequence, window } = view;
  const changes = view.logSince(Math.max(view.floor, sequence - SPARE_LOG_SIZE));
  const log = changes.map((change) =>
    "removed" in change ? { id: change.removed, removed: true } : { id: change.comment.id },
  );
  const paused = isPaused || undefined;
  return JSON.stringify({ store, sequence, rebuiltAt, paused, window, log });
}

export interface ParsedSpare {
  view: WallView;
  rebuiltAt: number;
  isPaused: boolean;
}

/** Parses a published snapshot; `null` when it is not one. */
export function parseSpare(text: string): ParsedSpare | null {
  const result = v.safeParse(SpareSchema, parseJson(text));
  if (!result.success) return null;
  const { store, sequence, rebuiltAt, paused = false, window, log } = result.output;
  const byId = new Map(window.map((comment) => [comment.id, comment]));
  const changes: Change[] = [];
  // Walks back from the newest, up to the first change whose comment is not in the snapshot.
  for (let back = 0; back < log.length; back += 1) {
    const { id, removed } = log[log.length - 1 - back] as (typeof log)[number];
    const comment = byId.get(id);
    if (!removed && !comment) break;
    const at = { sequence: sequence - back };
    changes.unshift(removed || !comment ? { ...at, removed: id } : { ...at, comment });
  }
  const view = new WallView(store, sequence, window, changes);
  return { view, rebuiltAt, isPaused: paused };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
