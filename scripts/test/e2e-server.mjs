// @ts-check
// The wall shared by the end-to-end tests: like `npm start`, but empty at the start.
import { readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { claimStateDir } from "../stack/state-dir.mjs";

const stateDir = process.env.STATE_DIR;
if (!stateDir) throw new Error("STATE_DIR must be set: its contents are deleted.");
await claimStateDir(path.resolve(stateDir));
for (const name of readdirSync(stateDir)) {
  if (!name.startsWith("lock.")) rmSync(path.join(stateDir, name), { recursive: true });
}
await import("../start.mjs");
