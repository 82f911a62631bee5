// @ts-check
import { fileURLToPath } from "node:url";

/** The project's own directory; its path may contain spaces. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url).href);

/** Everything that commands keep between runs, unless STATE_DIR is set. */
export const STATE_DIR = fileURLToPath(new URL("../../.state", import.meta.url).href);
