// @ts-check
// The wall that the end-to-end tests share: as `npm start`, but it begins empty.
import { rmSync } from "node:fs";
import { claimStateDir } from "../stack/state-dir.mjs";

const stateDir = process.env.STATE_DIR;
if (!stateDir) throw new Error("STATE_DIR must be set: what is there is deleted.");
claimStateDir(stateDir);
rmSync(stateDir, { recursive: true });
await import("../start.mjs");
