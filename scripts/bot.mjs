// @ts-check
// `npm run bot -- --url URL --name NAME …`: the reference bot; `--help` says more.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { bundle } from "./bundle.mjs";
import { runCommand } from "./command.mjs";
import { Refusal } from "./refusal.mjs";

runCommand(async ({ serving }) => {
  /** @type {typeof import("../bot/main")} */
  const { start, exitCodeOf, explanationOf } = await load();
  try {
    const bot = start(process.argv.slice(2), process.env, (text) => process.stdout.write(text));
    if (!bot) return;
    serving(bot.stop);
    await bot.ended;
  } catch (error) {
    const explanation = explanationOf(error);
    throw explanation === null ? error : new Refusal(explanation, exitCodeOf(error));
  }
});

async function load() {
  const directory = mkdtempSync(path.join(tmpdir(), "saywhatwant-bot-"));
  try {
    const file = path.join(directory, "bot.mjs");
    await bundle("bot/main.ts", file);
    return await import(pathToFileURL(file).href);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
