import { compareIds } from "#schema/id";

/** The newest of these ids; `undefined` without any. */
export function newestOf(ids: ReadonlySet<string>): string | undefined {
  let newest: string | undefined;
  for (const id of ids) if (newest === undefined || compareIds(id, newest) < 0) newest = id;
  return newest;
}
