// @ts-check
// A process's use of the machine, if the kernel reports it.
import { readdirSync, readFileSync } from "node:fs";

/** The kernel's clock ticks, the same on every Linux. */
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4_096;

/** @typedef {{ cpuMs(): number, memoryBytes(): number }} Watched */

/**
 * The workerd that this process started; unknown values are `NaN`.
 * @param {number} parent
 * @returns {Watched}
 */
export function workerdOf(parent) {
  const pid = processes().find((id) => {
    const fields = stat(id);
    return fields?.name === "workerd" && fields.parent === parent;
  });
  return {
    /** User and system time together, since the start. */
    cpuMs: () => (pid === undefined ? Number.NaN : (stat(pid)?.cpuMs ?? Number.NaN)),
    /** Resident. */
    memoryBytes: () => (pid === undefined ? Number.NaN : (stat(pid)?.memoryBytes ?? Number.NaN)),
  };
}

function processes() {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

/** @param {number} pid */
function stat(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const end = text.lastIndexOf(")");
    const fields = text
      .slice(end + 2)
      .split(" ")
      .map(Number);
    const ticks = (fields[11] ?? 0) + (fields[12] ?? 0);
    return {
      name: text.slice(text.indexOf("(") + 1, end),
      parent: fields[1],
      cpuMs: (ticks / TICKS_PER_SECOND) * 1_000,
      memoryBytes: (fields[21] ?? 0) * PAGE_BYTES,
    };
  } catch {
    return null;
  }
}
