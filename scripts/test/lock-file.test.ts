import { expect, test } from "vitest";
import { FAILED, PASSED, SKIPPED } from "./counts.mjs";
import { faultsOf, verdictOn } from "./lock-file.mjs";

test.each([
  ["installs", 0, "added 3 packages", PASSED],
  [
    "is out of step",
    1,
    "npm error code EUSAGE\nnpm error Missing: esbuild@0.28.2 from lock file",
    FAILED,
  ],
  ["finds no registry", 1, "npm error code ENOTFOUND\nnpm error network request to …", SKIPPED],
  ["finds a registry without that npm", 1, "npm error code ETARGET", SKIPPED],
  ["finds a registry that is down", 1, "npm error code E503", SKIPPED],
  ["fails without output", 1, "", FAILED],
])("a lock file that %s", (_, code, output, verdict) => {
  expect(verdictOn(code, output)).toBe(verdict);
});

test("names entries without a checksum or with a fixed registry", () => {
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
