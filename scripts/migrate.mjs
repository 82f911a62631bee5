// @ts-check
import { setTimeout as delay } from "node:timers/promises";
import { adminWall, WALL_OPTIONS, WALL_USAGE } from "./admin/wall.mjs";
import { readArguments } from "./command/arguments.mjs";
import { progress } from "./command/progress.mjs";
import { WrongArgument } from "./command/refusal.mjs";
import { runCommand } from "./command/run.mjs";
import { say } from "./command/terminal.mjs";

const WAIT_MS = 2_000;

const USAGE = `npm run migrate -- --to sqlite [--url URL]

Moves a running wall's comments from KV into the rebuilder's own SQLite. Posting is paused until the move is
complete. After an interruption the same command continues.

  --to sqlite  the only direction
${WALL_USAGE}`;

runCommand(async () => {
  const { values } = readArguments(USAGE, {
    options: { ...WALL_OPTIONS, to: { type: "string" } },
  });
  if (values.to !== "sqlite")
    throw new WrongArgument("--to must be sqlite: comments move only from KV to SQLite.");
  const wall = adminWall(values.url);
  /** @type {Map<string, ReturnType<typeof progress>>} */
  const bars = new Map();
  for (;;) {
    /** @type {import("../schema/move").MoveProgress} */
    const step = await wall.ask("POST", "/api/admin/move", { to: values.to });
    if (step.phase === "done") {
      for (const bar of bars.values()) bar.end();
      report(step);
      return;
    }
    const bar = bars.get(step.phase) ?? progress(Math.max(1, step.total));
    bars.set(step.phase, bar);
    const waiting = step.waiting > 0 ? `, ${step.waiting} keys can't be read yet` : "";
    bar(step.seen, `${step.phase}${waiting}`);
    if (step.waiting > 0) await delay(WAIT_MS);
  }
});

/** @param {import("../schema/move").MoveProgress} done */
function report({ seen, total, corrupt, unreadable, digests }) {
  const left = [
    corrupt > 0 && `${corrupt} values that are not comments`,
    unreadable > 0 && `${unreadable} unreadable keys`,
  ].filter(Boolean);
  say(`moved: ${seen} of ${total} keys verified, digest ${digests.rows.slice(0, 16) || "none"}`);
  if (left.length > 0) say(`left in KV: ${left.join(", ")}`);
  say("Posting is open again. Set LEDGER=sqlite where the wall is started, or in deploy.env.");
}
