/** Rows of the simulated SQLite, as the shipped code reads them. */
import { makeId } from "#schema/id";
import type { MessageRow } from "#worker/ledger/messages";
import type { Row } from "./sql-tables";

export function idOf({ timestamp, suffix }: Row): string {
  return makeId(Number(timestamp), String(suffix));
}

export function messageOf(row: Row): MessageRow {
  const { sequence, body, changed, processed } = row;
  return {
    id: idOf(row),
    sequence: Number(sequence),
    body: String(body),
    changed: changed === null ? null : Number(changed),
    processed: processed === null ? null : processed === 1,
  };
}
