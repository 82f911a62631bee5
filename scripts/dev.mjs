// @ts-check
import http from "node:http";
import path from "node:path";
import { readArguments } from "./command/arguments.mjs";
import { ensureInstalled } from "./command/install.mjs";
import { ROOT } from "./command/paths.mjs";
import { endGroup, exited, spawnNode } from "./command/process-group.mjs";
import { Refusal } from "./command/refusal.mjs";
import { runCommand } from "./command/run.mjs";
import { announceTokens, say } from "./command/terminal.mjs";
import { quietEnv } from "./command/tool-env.mjs";
import { listen } from "./stack/listen.mjs";
import { untilServed } from "./stack/ready.mjs";
import { readSettings, SETTINGS_USAGE } from "./stack/settings.mjs";
import { startStack } from "./stack/stack.mjs";
import { claimStateDir } from "./stack/state-dir.mjs";
import { provideTokens } from "./stack/tokens.mjs";
import { registryEnv } from "./stack/wrangler.mjs";

const USAGE = `npm run dev

Serves the wall for development: the page with Next.js and hot reload, the Worker with wrangler, which
reloads it on each change.

${SETTINGS_USAGE}`;

runCommand(async ({ serving, fail }) => {
  readArguments(USAGE);
  const settings = { ...readSettings(process.env), echoLogs: true };
  const url = await freeUrl(settings);
  await claimStateDir(settings.stateDir);
  const { tokens, kept } = provideTokens(settings.stateDir, settings.tokens);
  await ensureInstalled(settings.stateDir);

  const stack = startStack({ ...settings, tokens }, { builtPage: null, onGiveUp: fail });
  const next = startNext(settings, new URL(url).port);
  serving(async () => {
    await endGroup(next);
    await stack.stop();
  });
  exited(next).then(() => fail(new Refusal("next dev has ended.")));

  // The tools show errors in the code, and recover without a restart.
  await untilServed(url, stack.logs, Number.POSITIVE_INFINITY);
  announceTokens(kept);
  say(`ready ${url}`);
});

/**
 * @param {import("./stack/settings.mjs").Settings} settings
 * @param {string} port
 */
function startNext(settings, port) {
  const cli = path.join(ROOT, "node_modules", "next", "dist", "bin", "next");
  const { host, stateDir, wall } = settings;
  return spawnNode([cli, "dev", "--hostname", host, "--port", port], {
    env: { ...quietEnv(), ...registryEnv(settings), STATE_DIR: stateDir, WALL: wall },
    inherit: true,
  });
}

/**
 * Next.js would choose another port if its own is in use; we report it instead.
 * @param {import("./stack/settings.mjs").Settings} settings
 */
async function freeUrl(settings) {
  const probe = http.createServer();
  const url = await listen(probe, settings);
  await new Promise((resolve) => probe.close(resolve));
  return url;
}
