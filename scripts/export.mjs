// @ts-check
import { createWriteStream, renameSync, statSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { adminWall, WALL_OPTIONS, WALL_USAGE } from "./admin/wall.mjs";
import { readArguments } from "./command/arguments.mjs";
import { Refusal, WrongArgument } from "./command/refusal.mjs";
import { runCommand } from "./command/run.mjs";
import { removeAtExit } from "./command/scratch.mjs";

const USAGE = `npm run export [-- --out FILE --url URL]

Exports a whole wall as JSON lines, newest first.

  --out FILE   write to this file, once complete (standard output)
${WALL_USAGE}`;

const NEWER_THAN_ALL = "9999999999999-0000000000";

runCommand(async () => {
  const { values } = readArguments(USAGE, {
    options: { ...WALL_OPTIONS, out: { type: "string" } },
  });
  const wall = adminWall(values.url);
  let count = 0;
  const lines = async function* () {
    for (let before = NEWER_THAN_ALL; before; ) {
      const page = await wall.ask("GET", `/api/comments?before=${encodeURIComponent(before)}`);
      if (page.spare)
        throw new Refusal(
          "The rebuilder is unavailable, so the wall may show old data. Try again later.",
        );
      for (const comment of page.comments) yield `${JSON.stringify(comment)}\n`;
      count += page.comments.length;
      before = page.nextBefore;
    }
  };
  if (values.out === undefined) await pipeline(lines, process.stdout, { end: false });
  else await replace(values.out, lines);
  process.stderr.write(`${count} comments\n`);
});

/**
 * Readers of the file see the previous export or the complete new one, never a part.
 * @param {string} file
 * @param {() => AsyncIterable<string>} lines
 * @throws {Refusal} if the file can't be written
 */
async function replace(file, lines) {
  if (statSync(file, { throwIfNoEntry: false })?.isFile() === false)
    throw new WrongArgument(`${file} is not a file.`);
  const part = `${file}.part`;
  removeAtExit(part);
  try {
    await pipeline(lines, createWriteStream(part));
    renameSync(part, file);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(
      `${file} can't be written: ${error instanceof Error ? error.message : error}.`,
    );
  }
}
