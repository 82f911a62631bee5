// @ts-check
// `npm run bot -- --url URL --name NAME …`: the reference bot; see `--help`.
import { connect } from "../bot/connect.mjs";
import { importBundled } from "./command/bundle.mjs";
import { Refusal } from "./command/refusal.mjs";
import { runCommand } from "./command/run.mjs";

runCommand(async ({ serving }) => {
  /** @type {typeof import("../bot/main")} */
  const { start, exitCodeOf, explanationOf } = await importBundled("bot/main.ts");
  const write = (/** @type {string} */ text) => process.stdout.write(text);
  try {
    const bot = start(process.argv.slice(2), process.env, write, connect);
    if (!bot) return;
    serving(bot.stop);
    await bot.ended;
  } catch (error) {
    const explanation = explanationOf(error);
    throw explanation === null ? error : new Refusal(explanation, exitCodeOf(error));
  }
});
