// @ts-check
import { fileURLToPath } from "node:url";

/** The project's own directory; a checkout may lie anywhere, also in a path with a space. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url).href);

/** Everything that a command keeps between two runs, unless STATE_DIR names another place. */
export const STATE_DIR = fileURLToPath(new URL("../../.state", import.meta.url).href);
