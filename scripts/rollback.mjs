// @ts-check
// `npm run rollback [-- --to VERSION]`: production as it was before. The page goes back first: each version's
// page understands its own Worker and the next, never an earlier one.
import { parseArgs } from "node:util";
import { runCommand } from "./command.mjs";
import { targetOf } from "./deploy-target.mjs";
import { Refusal } from "./refusal.mjs";
import { rollBack } from "./roll-back.mjs";
import { say } from "./terminal.mjs";

runCommand(async () => {
  const { from, to, url } = await rollBack({ target: targetOf(), to: wanted() });
  say(`live ${url} version ${to}, back from ${from}`);
});

function wanted() {
  try {
    return parseArgs({ options: { to: { type: "string" } } }).values.to;
  } catch (error) {
    throw new Refusal(
      `${error instanceof Error ? error.message : error}\nnpm run rollback [-- --to VERSION]`,
    );
  }
}
