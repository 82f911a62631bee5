/** The two ledgers: one key for each comment in Workers KV, or one row in the rebuilder's SQLite. */
export type LedgerKind = "kv" | "sqlite";

/** @throws when `LEDGER` is neither `kv` nor `sqlite`. */
export function parseLedger(value = "kv"): LedgerKind {
  if (value === "kv" || value === "sqlite") return value;
  throw new Error(`LEDGER must be "kv" or "sqlite", but it is "${value}".`);
}
