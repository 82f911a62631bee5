/** Where a wall's comments are: a key each in Workers KV, or a row each in the rebuilder's own SQLite. */
export type LedgerKind = "kv" | "sqlite";

/** @throws when `LEDGER` names no ledger. */
export function parseLedger(value = "kv"): LedgerKind {
  if (value === "kv" || value === "sqlite") return value;
  throw new Error(`LEDGER must be "kv" or "sqlite", but it is "${value}".`);
}
