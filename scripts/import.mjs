// @ts-check
import { readFileSync } from "node:fs";
import { commentsIn } from "./admin/import-lines.mjs";
import { adminWall, WALL_OPTIONS, WALL_USAGE } from "./admin/wall.mjs";
import { readArguments } from "./command/arguments.mjs";
import { progress } from "./command/progress.mjs";
import { Refusal, WrongArgument } from "./command/refusal.mjs";
import { runCommand } from "./command/run.mjs";
import { say } from "./command/terminal.mjs";

/** As many, and as many bytes, as one request takes (schema/limits.ts). */
const BATCH = 100;

const USAGE = `npm run import -- FILE [--url URL]

Brings the comments of a file of JSON lines to a running wall: as \`npm run export\` wrote them, or of the older
key layout. Done again it changes nothing.

${WALL_USAGE}`;

runCommand(async () => {
  const { values, positionals } = readArguments(USAGE, {
    options: WALL_OPTIONS,
    allowPositionals: true,
  });
  const [file, ...others] = positionals;
  if (!file || others.length > 0) throw new WrongArgument("Name one file: npm run import -- FILE");
  const comments = commentsIn(textOf(file));
  const wall = adminWall(values.url);
  const bar = progress(Math.max(1, comments.length));
  const total = { added: 0, known: 0 };
  for (let start = 0; start < comments.length; start += BATCH) {
    const batch = comments.slice(start, start + BATCH);
    const { added, known } = await wall.ask("POST", "/api/admin/import", { comments: batch });
    total.added += added;
    total.known += known;
    bar(start + batch.length, `${total.added} added`);
  }
  bar.end();
  say(`${total.added} comments added, ${total.known} were there already`);
});

/** @param {string} file */
function textOf(file) {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new Refusal(`${file} can't be read: ${error instanceof Error ? error.message : error}.`);
  }
}
