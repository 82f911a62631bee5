/** Validation that reports every error at once. */
import * as v from "valibot";
import { type InvalidField, type Outcome, refusal, success } from "../problem";

/** The schema's output, or `400 invalid_field` with a JSON pointer for each invalid field. */
export function validate<const S extends v.GenericSchema>(
  schema: S,
  input: unknown,
): Outcome<v.InferOutput<S>> {
  const result = v.safeParse(schema, input, { abortPipeEarly: true });
  if (result.success) return success(result.output);
  const errors = result.issues.map(describe);
  const names = errors.map(({ pointer }) => pointer || "the body").join(", ");
  return refusal("invalid_field", `Invalid: ${names}.`, { errors });
}

function describe(issue: v.BaseIssue<unknown>): InvalidField {
  const pointer = (issue.path ?? [])
    .map(({ key }) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`)
    .join("");
  const isMissing = issue.kind === "schema" && issue.received === "undefined";
  return { pointer, detail: isMissing ? "is required" : issue.message };
}
