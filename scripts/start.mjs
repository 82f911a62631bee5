// @ts-check
// Needs only Node and npm beforehand: it imports no installed packages.
import path from "node:path";
import { readArguments } from "./command/arguments.mjs";
import { ensureInstalled } from "./command/install.mjs";
import { runCommand } from "./command/run.mjs";
import { announceTokens, say } from "./command/terminal.mjs";
import { provideBuilt } from "./page/build.mjs";
import { createFront } from "./stack/front.mjs";
import { listen } from "./stack/listen.mjs";
import { untilServed } from "./stack/ready.mjs";
import { readSettings, SETTINGS_USAGE } from "./stack/settings.mjs";
import { startStack } from "./stack/stack.mjs";
import { claimStateDir } from "./stack/state-dir.mjs";
import { provideTokens } from "./stack/tokens.mjs";

const USAGE = `npm start

Serves the whole wall on this machine, as it runs on Cloudflare. Installs and builds it if needed, and prints
\`ready URL\` once it answers. Ends on SIGINT and SIGTERM.

${SETTINGS_USAGE}`;

runCommand(async ({ serving, fail }) => {
  readArguments(USAGE);
  const settings = readSettings(process.env);
  /** @type {ReturnType<typeof startStack> | null} */
  let stack = null;
  const front = createFront(() => stack?.page() ?? null);
  // Listens first, so that a port in use is found at once and no other process takes ours during
  // the build.
  const url = await listen(front, settings);
  await claimStateDir(settings.stateDir);
  const { tokens, kept } = provideTokens(settings.stateDir, settings.tokens);
  say("saywhatwant");

  await ensureInstalled(settings.stateDir);
  const builtPage = path.join(settings.stateDir, "page");
  await provideBuilt(settings.wall, builtPage);

  stack = startStack({ ...settings, tokens }, { builtPage, onGiveUp: fail });
  const { stop, logs } = stack;
  serving(async () => {
    front.close();
    front.closeAllConnections();
    await stop();
  });
  const { ledger } = await untilServed(reachable(url), logs);

  announceTokens(kept);
  say(
    `  messages in ${ledger}; docs/ledgers.md compares it with ${ledger === "kv" ? "sqlite" : "kv"}`,
  );
  say(`  state and logs in ${shownPath(settings.stateDir)}`);
  say(`ready ${url}`);
});

/**
 * A wildcard address can't be connected to.
 * @param {string} url
 */
function reachable(url) {
  return url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:");
}

/**
 * A path as a person would write it: relative, unless it lies outside the current directory.
 * @param {string} place absolute
 */
function shownPath(place) {
  const relative = path.relative(process.cwd(), place);
  return relative.startsWith("..") ? place : relative || ".";
}
