/** The lines of an export, which a backup's segments share, and the answers that they are made from. */
import { type Cursor, parseCursor } from "./cursor";
import { type Outcome, refusal, success } from "./problem";

/** The first line of an export. Further lines are comments, and removals. */
export interface ExportHeader {
  saywhatwant: "export";
  wall: string;
  /** The wall's clock when the export began, in ms: messages sent later are not in it. */
  at: number;
  /** The next export asks for the removals after this position. */
  cursor: string;
  /** `at` of the export that this one continues; absent for a whole one. */
  since?: number;
}

/** `GET /api/admin/removals`. */
export interface RemovedIds {
  /** The ids of messages removed after `since`, oldest removal first; none without `since`. */
  removed: string[];
  /** The position after the last id. */
  cursor: string;
  /** The wall's clock, in ms. */
  at: number;
  /** More ids wait after `cursor`. */
  more?: true;
  /** `since` is of another store, or older than the stored removals: some are missing here. */
  gap?: true;
  /** After `since` older comments were imported, or brought back by an undo: not all new ones have a recent timestamp. */
  older?: true;
}

/** Messages with earlier timestamps than an export may still arrive for this long. */
export const EXPORT_OVERLAP_MS = 10 * 60 * 1_000;

/** A segment is written each day: two that are missing are a fault. */
export const BACKUP_LATE_MS = 48 * 60 * 60 * 1_000;

/** Parses the query of `GET /api/admin/removals`, or refuses with `400`. */
export function parseRemovalsQuery(parameters: URLSearchParams): Outcome<{ since?: Cursor }> {
  const names = [...parameters.keys()];
  const text = parameters.get("since");
  if (text === null && names.length === 0) return success({});
  const since = text === null || names.length > 1 ? null : parseCursor(text);
  if (since) return success({ since });
  const errors = [{ pointer: "?since", detail: "must be one cursor from an earlier answer" }];
  return refusal("invalid_parameter", "Invalid: since.", { errors });
}
