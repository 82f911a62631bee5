// @ts-check
import { readArguments } from "./command/arguments.mjs";
import { runCommand } from "./command/run.mjs";
import { say } from "./command/terminal.mjs";
import { rollBack } from "./deploy/roll-back.mjs";
import { targetOf } from "./deploy/target.mjs";

const USAGE = `npm run rollback [-- --to VERSION]

Rolls production back to the previous version. Comments stay as they are.

  --to VERSION  an earlier version, named as by \`npm run deploy\``;

runCommand(async () => {
  const { values } = readArguments(USAGE, { options: { to: { type: "string" } } });
  const { from, to, url } = await rollBack({ target: targetOf(), to: values.to });
  say(`live ${url} version ${to}, back from ${from}`);
});
