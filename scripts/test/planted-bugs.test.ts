/** A planted bug that no longer fits the code would only be missed by the run of all of them, which takes half an hour. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { MUTANTS } from "../../sim/mutants.mjs";
import { patched } from "../command/bundle.mjs";

const ROOT = path.join(import.meta.dirname, "../..");

test.each(MUTANTS)("“$name” fits the code", ({ patches }) => {
  for (const patch of patches) {
    const code = readFileSync(path.join(ROOT, patch.file), "utf8");
    expect(patched(code, patch)).not.toBe(code);
  }
});
