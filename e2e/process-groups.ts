import { readdirSync, readFileSync } from "node:fs";

/** Whether a process of this group is still running. */
export function groupRuns(pgid: number): boolean {
  try {
    process.kill(-pgid, 0);
  } catch {
    return false;
  }
  return process.platform !== "linux" || runningGroups().has(pgid);
}

/** Groups with running processes. Zombies keep their group on Linux and are not counted. */
function runningGroups(): Set<number> {
  const groups = new Set<number>();
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      // "pid (name) state ppid pgrp …", where the name may contain any characters.
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const [state, , pgrp] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (state !== "Z") groups.add(Number(pgrp));
    } catch {
      // The process has ended.
    }
  }
  return groups;
}
