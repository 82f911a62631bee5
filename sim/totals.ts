/** The sums over many worlds, and the report on them. */
import type { Report } from "./world";

export class Totals {
  worlds = 0;
  simulatedMs = 0;
  requests = 0;
  operations = 0;
  acknowledged = 0;
  readonly injected = new Map<string, number>();
  readonly checked = new Map<number, number>();
  /** Number of messages by lateness, in ms. */
  readonly #lateness = new Map<number, number>();

  add(report: Omit<Report, "trace" | "violation">): void {
    this.worlds += 1;
    this.simulatedMs += report.simulatedMs;
    this.requests += report.requests;
    this.operations += report.operations;
    this.acknowledged += report.acknowledged;
    for (const [kind, count] of report.injected) addTo(this.injected, kind, count);
    for (const [invariant, count] of report.checked) addTo(this.checked, invariant, count);
    for (const ms of report.lateness) addTo(this.#lateness, ms, 1);
  }

  get faults(): number {
    return sum(this.injected.values());
  }

  get hours(): number {
    return this.simulatedMs / 3_600_000;
  }

  /** The lateness that a share of the messages did not exceed, in simulated ms. */
  lateness(share: number): number {
    const wanted = share * sum(this.#lateness.values());
    let seen = 0;
    let latest = 0;
    for (const [ms, count] of [...this.#lateness].sort(([a], [b]) => a - b)) {
      latest = ms;
      seen += count;
      if (seen >= wanted) break;
    }
    return latest;
  }

  /** The report, as Markdown. */
  lines(): string[] {
    const late = (share: number) => `${(this.lateness(share) / 1_000).toFixed(1)} s`;
    return [
      `| worlds | simulated hours | messages acknowledged | requests | KV operations | faults |`,
      "| --- | --- | --- | --- | --- | --- |",
      `| ${number(this.worlds)} | ${this.hours.toFixed(1)} | ${number(this.acknowledged)} | ${number(this.requests)} | ${number(this.operations)} | ${number(this.faults)} |`,
      "",
      `From acknowledgement to the first answer of the rebuilder that shows it: p50 ${late(0.5)}, p99 ${late(0.99)}, max ${late(1)}.`,
      "",
      "| fault | times |",
      "| --- | --- |",
      ...[...this.injected].sort().map(([kind, count]) => `| ${kind} | ${number(count)} |`),
      "",
      "| invariant | times checked |",
      "| --- | --- |",
      ...[...this.checked]
        .sort(([a], [b]) => a - b)
        .map(([n, count]) => `| ${n} | ${number(count)} |`),
    ];
  }
}

function addTo<Key>(map: Map<Key, number>, key: Key, count: number): void {
  map.set(key, (map.get(key) ?? 0) + count);
}

function sum(counts: Iterable<number>): number {
  let total = 0;
  for (const count of counts) total += count;
  return total;
}

function number(value: number): string {
  return value.toLocaleString("en");
}
