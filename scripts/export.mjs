// @ts-check
import { createWriteStream, renameSync, statSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { adminWall, WALL_OPTIONS, WALL_USAGE } from "./admin/wall.mjs";
import { readArguments } from "./command/arguments.mjs";
import { Refusal, WrongArgument } from "./command/refusal.mjs";
import { runCommand } from "./command/run.mjs";
import { removeAtExit } from "./command/scratch.mjs";

const USAGE = `npm run export [-- --out FILE --url URL]

A whole wall as JSON lines, newest first.

  --out FILE   where it goes, once it is whole; standard output without it
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
          "The rebuilder is away: what the wall shows may be old. Try again later.",
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
 * Whoever looks at the file sees the earlier export or the whole of this one, never a part that could be
 * taken for all.
 * @param {string} file
 * @param {() => AsyncIterable<string>} lines
 * @throws {Refusal} where it can't be written
 */
async function replace(file, lines) {
  if (statSync(file, { throwIfNoEntry: false })?.isFile() === false)
    throw new WrongArgument(`${file} is no file.`);
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
