import * as v from "valibot";

type Fields = Record<string, unknown>;

/**
 * An object with exactly these fields. The error reports every unknown field, whatever its name:
 * valibot's own strict object stops at the first, and skips `constructor`, `prototype` and
 * `__proto__`. Inherited fields are ignored. An array is refused.
 */
export function strictObject<const Entries extends v.ObjectEntries>(entries: Entries) {
  const known = v.object(entries);
  return v.pipe(
    v.custom<Fields>(isObject, "must be an object"),
    v.transform(ownFields),
    v.lazy((input) => {
      const names = Object.keys(input as Fields);
      const unknown = names.filter((name) => !Object.hasOwn(entries, name));
      return unknown.length === 0 ? known : v.object({ ...entries, ...refused(unknown) });
    }),
  ) as unknown as v.StrictObjectSchema<Entries, undefined>;
}

/** Copies to an object without a prototype: there `in` finds own fields only, and `__proto__` is a field. */
function ownFields(input: Fields): Fields {
  return Object.assign(Object.create(null), input);
}

function refused(names: readonly string[]): v.ObjectEntries {
  const refusal = v.never("is an unknown field");
  // `fromEntries` defines properties; assigning `__proto__` would set the prototype.
  return Object.fromEntries(names.map((name) => [name, refusal]));
}

function isObject(input: unknown): boolean {
  return typeof input === "object" && input !== null && !Array.isArray(input);
}
