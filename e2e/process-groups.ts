import { readdirSync, readFileSync } from "node:fs";

/** Whether a process of that group still runs. */
export function groupRuns(pgid: number): boolean {
  try {
    process.kill(-pgid, 0);
  } catch {
    return false;
  }
  return process.platform !== "linux" || runningGroups().has(pgid);
}

/** The dead that nobody has waited for keep their group on Linux; they don't count. */
function runningGroups(): Set<number> {
  const groups = new Set<number>();
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      // "pid (name) state ppid pgrp …", where the name may hold anything.
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const [state, , pgrp] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (state !== "Z") groups.add(Number(pgrp));
    } catch {
      // It has ended meanwhile.
    }
  }
  return groups;
}
