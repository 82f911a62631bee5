// @ts-check
// Runs a command against the stand-in for Cloudflare, without an account: `node scripts/deploy/stand-in/run.mjs deploy`.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT, STATE_DIR } from "../../command/paths.mjs";
import { EMPTY } from "./network.mjs";

const COMMANDS = ["deploy", "doctor", "rollback"];
const HERE = fileURLToPath(new URL(".", import.meta.url));
const [command = "", ...argv] = process.argv.slice(2);
if (!COMMANDS.includes(command)) {
  process.stderr.write(`usage: node scripts/deploy/stand-in/run.mjs ${COMMANDS.join("|")} …\n`);
  process.exit(2);
}

const file = process.env.STAND_IN_CLOUDFLARE || path.join(STATE_DIR, "stand-in.json");
mkdirSync(path.dirname(file), { recursive: true });
if (!existsSync(file)) writeFileSync(file, JSON.stringify(EMPTY));
const preload = new URL("preload.mjs", import.meta.url).href;
// A signal of the terminal reaches both: the command decides when to end.
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) process.on(signal, () => {});
const { status } = spawnSync(
  process.execPath,
  ["--import", preload, path.join(ROOT, "scripts", `${command}.mjs`), ...argv],
  {
    stdio: "inherit",
    env: {
      ...process.env,
      STAND_IN_CLOUDFLARE: file,
      PATH: `${HERE}${path.delimiter}${process.env.PATH}`,
    },
  },
);
process.exitCode = status ?? 128;
