/** `GET /api/status`: how the wall is. */

export interface Status {
  ok: boolean;
  /** When the cache was last rebuilt, and how long ago that was, in ms. */
  rebuiltAt: number;
  ageMs: number;
  window: { size: number; capacity: number };
  pending: { size: number; dropped: number };
  rebuilds: { count: number; failed: number; lastMs: number; p50Ms: number; p95Ms: number };
  /** Operations of each kind since this incarnation of the rebuilder started. */
  operations: Record<string, number>;
  ledger: "kv" | "sqlite";
  wall: string;
  version: string;
}
