import { expect, test } from "vitest";
import { FAILED, PASSED, SKIPPED } from "./counts.mjs";
import { faultsOf, verdictOn } from "./lock-file.mjs";

test.each([
  ["npm installs from it", 0, "added 3 packages", PASSED],
  [
    "it does not match package.json",
    1,
    "npm error code EUSAGE\nnpm error Missing: esbuild@0.28.2 from lock file",
    FAILED,
  ],
  [
    "no registry is reachable",
    1,
    "npm error code ENOTFOUND\nnpm error network request to …",
    SKIPPED,
  ],
  ["the registry does not have the npm to test with", 1, "npm error code ETARGET", SKIPPED],
  ["the registry is down", 1, "npm error code E503", SKIPPED],
  ["npm fails without output", 1, "", FAILED],
])("the verdict on a lock file when %s", (_, code, output, verdict) => {
  expect(verdictOn(code, output)).toBe(verdict);
});

test("faultsOf names the entries without a checksum or with a fixed registry", () => {
  expect(
    faultsOf({
      "": {},
      "node_modules/good": { integrity: "sha512-a" },
      "node_modules/linked": { link: true },
      "node_modules/unchecked": {},
      "node_modules/bound": { integrity: "sha512-b", resolved: "https://registry.example/b.tgz" },
    }),
  ).toEqual(["node_modules/unchecked has no integrity", "node_modules/bound names a registry"]);
});
