import * as v from "valibot";

/**
 * An object with these fields and no others, which names every field that is not one of them
 * (valibot's own stops at the first), and takes no array for an object.
 */
export function strictObject<const Entries extends v.ObjectEntries>(entries: Entries) {
  return v.pipe(
    v.custom((input) => isObject(input), "must be an object"),
    v.objectWithRest(entries, v.never("is not a field that can be sent")),
  ) as unknown as v.StrictObjectSchema<Entries, undefined>;
}

function isObject(input: unknown): boolean {
  return typeof input === "object" && input !== null && !Array.isArray(input);
}
