import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { until } from "./front/testing";
import { keepRegistry, registryPath } from "./registry.mjs";

test("the registry forgets the Workers of the last start, and its files look new again and again", async () => {
  const stateDir = mkdtempSync(path.join(tmpdir(), "saywhatwant-registry-"));
  const registry = registryPath(stateDir);
  mkdirSync(registry);
  writeFileSync(path.join(registry, "last-start"), "");
  const end = keepRegistry(stateDir);
  onTestFinished(() => {
    end();
    rmSync(stateDir, { recursive: true });
  });
  expect(readdirSync(registry)).toEqual([]);
  const file = path.join(registry, "worker");
  writeFileSync(file, "");
  for (let beat = 0; beat < 2; beat += 1) {
    utimesSync(file, 1, 1);
    await until(() => statSync(file).mtimeMs > 1_000);
  }
});
