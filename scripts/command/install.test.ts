import { expect, test } from "vitest";
import { sameVersions } from "./install.mjs";

const locked = {
  "": {},
  "node_modules/next": { version: "15.5.29" },
  "node_modules/other-platform": { version: "1.0.0", optional: true },
};

test.each([
  ["exactly the locked packages", { "node_modules/next": { version: "15.5.29" } }, true],
  ["another version", { "node_modules/next": { version: "15.5.28" } }, false],
  ["a missing package", {}, false],
  [
    "a package that is no longer locked",
    { "node_modules/next": { version: "15.5.29" }, "node_modules/old": { version: "1.0.0" } },
    false,
  ],
])("installed: %s", (_, installed, same) => {
  expect(sameVersions(locked, installed)).toBe(same);
});
