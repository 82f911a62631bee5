// @ts-check
import { createReadStream, statSync } from "node:fs";
import { importLines } from "./admin/import-lines.mjs";
import { importAll, WRONG_LINES_MAX } from "./admin/importer.mjs";
import { adminWall, WALL_OPTIONS, WALL_USAGE } from "./admin/wall.mjs";
import { readArguments } from "./command/arguments.mjs";
import { progress } from "./command/progress.mjs";
import { Refusal, WrongArgument } from "./command/refusal.mjs";
import { runCommand } from "./command/run.mjs";
import { say } from "./command/terminal.mjs";

const KB = 1_000;

const USAGE = `npm run import -- FILE [--url URL]

Brings the comments of a file of JSON lines to a running wall: as \`npm run export\` wrote them, or of the older
key layout. - reads standard input. Lines that the wall does not take are named by their number, and the others
are imported; run again with the mended file, it adds only what is missing.

${WALL_USAGE}`;

runCommand(async () => {
  const { values, positionals } = readArguments(USAGE, {
    options: WALL_OPTIONS,
    allowPositionals: true,
  });
  const [file, ...others] = positionals;
  if (!file || others.length > 0)
    throw new WrongArgument("Name one file, or - for standard input: npm run import -- FILE");
  const wall = adminWall(values.url);
  const size = file === "-" ? 0 : sizeOf(file);
  const input = file === "-" ? process.stdin : createReadStream(file);
  let readBytes = 0;
  const counted = async function* () {
    try {
      for await (const chunk of input) {
        readBytes += chunk.length;
        yield chunk;
      }
    } catch (error) {
      throw unreadable(file, error);
    }
  };
  const bar = progress(Math.ceil(size / KB));
  const { added, known, wrong } = await importAll(importLines(counted()), wall, {
    onWrong: ({ number, wrong: why }) => {
      bar.end();
      process.stderr.write(`Line ${number} ${why}\n`);
    },
    onBatch: (total) =>
      bar(Math.ceil(readBytes / KB), `KB, ${total.added} added, ${total.known} were there already`),
  });
  bar.end();
  say(`${added} comments added, ${known} were there already`);
  if (wrong === 0) return;
  const ended =
    wrong >= WRONG_LINES_MAX ? `Ended after ${wrong} wrong lines` : `${wrong} lines are wrong`;
  throw new Refusal(
    `${ended}. Mend them and import the file again: only what is missing is added.`,
  );
});

/**
 * @param {string} file
 * @returns {number} in bytes; 0 where it can't be known, as of a pipe
 */
function sizeOf(file) {
  try {
    return statSync(file).size;
  } catch (error) {
    throw unreadable(file, error);
  }
}

/**
 * @param {string} file
 * @param {unknown} error
 */
function unreadable(file, error) {
  return new Refusal(`${file} can't be read: ${error instanceof Error ? error.message : error}.`);
}
