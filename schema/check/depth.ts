/** The deepest valid body has two levels; one of thousands can't be passed on to the Worker. */
export const BODY_MAX_DEPTH = 8;

/** Whether arrays or objects in a JSON value are nested deeper than `max`. Never recurses. */
export function isDeeperThan(max: number, value: unknown): boolean {
  let containers = [value].filter(isContainer);
  for (let depth = 1; containers.length > 0; depth += 1) {
    if (depth > max) return true;
    containers = containers.flatMap((container) => Object.values(container).filter(isContainer));
  }
  return false;
}

function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
