// @ts-check
// `npm run rollback [-- --to VERSION]`: production as it was before. The page goes back first: each version's
// page understands its own Worker and the next, never an earlier one.
import { readArguments } from "./arguments.mjs";
import { runCommand } from "./command.mjs";
import { targetOf } from "./deploy-target.mjs";
import { rollBack } from "./roll-back.mjs";
import { say } from "./terminal.mjs";

runCommand(async () => {
  const wanted = readArguments({ to: { type: "string" } }, "npm run rollback [-- --to VERSION]");
  const { from, to, url } = await rollBack({ target: targetOf(), to: wanted.to });
  say(`live ${url} version ${to}, back from ${from}`);
});
