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

Imports comments from a file of JSON lines into a running wall, from \`npm run export\` or from the older key
layout. Use - for standard input. Invalid lines are reported by number, and the others are imported; another
run with the fixed file adds only the missing comments.

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
      bar(Math.ceil(readBytes / KB), `KB, ${total.added} added, ${total.known} already existed`),
  });
  bar.end();
  say(`${added} comments added, ${known} already existed`);
  if (wrong === 0) return;
  const ended =
    wrong >= WRONG_LINES_MAX ? `Stopped after ${wrong} invalid lines` : `${wrong} invalid lines`;
  throw new Refusal(
    `${ended}. Fix them and import the file again: only missing comments are added.`,
  );
});

/**
 * @param {string} file
 * @returns {number} in bytes; 0 if unknown, as for a pipe
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
