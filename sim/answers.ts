/** Reads answers of the simulated entrypoints. */
import type { Outcome } from "#schema/problem";
import type { Read } from "#schema/read";

export function parseRead(body: Uint8Array): Read {
  return JSON.parse(new TextDecoder().decode(body));
}

/** The ids of a read, in a line of the trace. */
export function idsIn(body: Uint8Array): string {
  const { comments, nextBefore, spare } = parseRead(body);
  return `${comments.map(({ id }) => id).join(" ")} next ${nextBefore}${spare ? ", spare" : ""}`;
}

/** An outcome in a line of the trace. */
export function told<T>(outcome: Outcome<T> | null, value: (value: T) => string): string {
  if (!outcome) return "no answer";
  return outcome.ok ? value(outcome.value) : `${outcome.problem.status}`;
}
