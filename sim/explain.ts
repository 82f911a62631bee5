/** Explains a violation: drops each kind of fault that it does not need, and keeps only the trace lines about it. */
import { FAULTS, type Fault } from "./faults";
import { type Report, runWorld, type WorldOptions } from "./world";

/** At most this many lines of the trace are shown: the last ones. */
const LINES_MAX = 120;

export interface Explanation {
  /** The kinds of faults that the violation still needs once all others are switched off. */
  needed: Fault[];
  lines: string[];
}

export async function explain(options: WorldOptions, invariant: number): Promise<Explanation> {
  const without = new Set<Fault>();
  for (const fault of FAULTS) {
    without.add(fault);
    const { violation } = await runWorld({ ...options, without });
    if (violation?.invariant !== invariant) without.delete(fault);
  }
  const { violation, trace } = await runWorld({ ...options, without, traced: true });
  const lines = trace?.about(names(violation)) ?? [];
  const shown = lines.slice(-LINES_MAX);
  if (shown.length < lines.length) shown.unshift(`… ${lines.length - shown.length} earlier lines`);
  return {
    needed: FAULTS.filter((fault) => !without.has(fault)),
    lines: [...shown, violation?.message ?? "(no violation)"],
  };
}

/** Lists everything that happened in a world. The same seed gives the same lines, byte for byte. */
export async function tell(options: WorldOptions): Promise<string[]> {
  const { trace, violation } = await runWorld({ ...options, traced: true });
  return [...(trace?.lines() ?? []), violation?.message ?? "no violation"];
}

function names(violation: Report["violation"]): string[] {
  return (violation?.about ?? []).filter((name) => name !== "");
}
