// @ts-check
import { createReadStream, statSync } from "node:fs";
import { importLines } from "./admin/import-lines.mjs";
import { importAll, noneYet, removalsTo, WRONG_LINES_MAX } from "./admin/importer.mjs";
import { adminWall, WALL_OPTIONS, WALL_USAGE } from "./admin/wall.mjs";
import { readArguments } from "./command/arguments.mjs";
import { progress } from "./command/progress.mjs";
import { Refusal, WrongArgument } from "./command/refusal.mjs";
import { runCommand } from "./command/run.mjs";
import { say } from "./command/terminal.mjs";

/** @typedef {import("./admin/export-header.mjs").ExportHeader} ExportHeader */

const KB = 1_000;

const USAGE = `npm run import -- FILE… [--from-wall NAME] [--url URL]

Imports comments from files of JSON lines into a running wall, from \`npm run export\`, from a backup's segments or
from the older key layout. Use - for standard input. Messages that one of the files names as removed are left out,
and removed if the wall has them. Invalid lines are reported by number, and the others are imported; another run
with the fixed file adds only the missing comments.

  --from-wall NAME   import the export of another wall
${WALL_USAGE}`;

/** Data of a wall that no export has. */
const NOT_EXPORTED =
  "claims, reports, the audit log, a pause, senders' hashes, authors' secrets (nobody can take an older message of their own down), ids of merged copies, and marks or removals made later.";

runCommand(async () => {
  const { values, positionals: files } = readArguments(USAGE, {
    options: { ...WALL_OPTIONS, "from-wall": { type: "string" } },
    allowPositionals: true,
  });
  if (files.length === 0)
    throw new WrongArgument("Name a file, or - for standard input: npm run import -- FILE");
  const wall = adminWall(values.url);
  const { name } = await wall.meet();
  let hasHeader = false;
  /** @param {string} file */
  const expectFromHere = (file) => (/** @type {ExportHeader} */ header) => {
    hasHeader = true;
    if (header.wall === name || header.wall === values["from-wall"]) return;
    throw new Refusal(
      `${nameOf(file)} is of the wall ${header.wall}, and this is ${name}. To import it all the same, add --from-wall ${header.wall}.`,
    );
  };

  const total = noneYet();
  const removals = removalsTo(wall, total);
  const seekable = files.filter((file) => file !== "-");
  const newestFirst = [
    ...files.filter((file) => file === "-"),
    ...(await inOrder(seekable, expectFromHere)),
  ];
  // All files are checked before anything is sent, and their removals go first.
  for (const file of newestFirst) {
    if (file === "-") continue;
    for await (const line of importLines(chunksOf(file)))
      if ("removed" in line) await removals.add(line.removed);
  }
  await removals.send();

  const sizeKb = seekable.reduce((sum, file) => sum + sizeOf(file), 0) / KB;
  const bar = progress(Math.ceil(sizeKb));
  let readBytes = 0;
  for (const file of newestFirst) {
    const chunks = chunksOf(file, (bytes) => {
      readBytes += bytes;
    });
    await importAll(importLines(chunks), wall, removals, total, {
      onHeader: expectFromHere(file),
      onWrong: ({ number, wrong: why }) => {
        bar.end();
        const place = files.length > 1 ? `${nameOf(file)}, line` : "Line";
        process.stderr.write(`${place} ${number} ${why}\n`);
      },
      onBatch: () =>
        bar(Math.ceil(readBytes / KB), `KB, ${total.added} added, ${total.known} already existed`),
    });
    if (total.wrong >= WRONG_LINES_MAX) break;
  }
  bar.end();
  sayTotal(total, hasHeader);
  const { wrong } = total;
  if (wrong === 0) return;
  const ended =
    wrong >= WRONG_LINES_MAX ? `Stopped after ${wrong} invalid lines` : `${wrong} invalid lines`;
  throw new Refusal(
    `${ended}. Fix them and import the file again: only missing comments are added.`,
  );
});

/**
 * @param {import("./admin/importer.mjs").ImportTotal} total
 * @param {boolean} isExport
 */
function sayTotal({ added, known, leftOut, removals, remembered, removedHere }, isExport) {
  const without = leftOut > 0 ? `, ${leftOut} left out because they were removed` : "";
  say(`${added} comments added, ${known} already existed${without}`);
  if (removals > 0)
    say(
      `${removals} removals: ${remembered} new to this wall, ${removedHere} of messages that it had`,
    );
  if (isExport) say(`An export does not have: ${NOT_EXPORTED}`);
}

/**
 * The files with the newest export first: of several states of a message the wall keeps the first that it gets.
 * @param {string[]} files
 * @param {(file: string) => (header: ExportHeader) => void} expectFromHere
 */
async function inOrder(files, expectFromHere) {
  /** @type {{ file: string, at: number }[]} */
  const found = [];
  for (const file of files) {
    let at = 0;
    for await (const line of importLines(chunksOf(file))) {
      if (!("header" in line)) break;
      expectFromHere(file)(line.header);
      at = line.header.at;
      break;
    }
    found.push({ file, at });
  }
  return found.sort((a, b) => b.at - a.at).map(({ file }) => file);
}

/**
 * @param {string} file
 * @param {(bytes: number) => void} [onRead]
 * @returns {AsyncGenerator<Uint8Array>}
 * @throws {Refusal} if it can't be read
 */
async function* chunksOf(file, onRead = () => {}) {
  try {
    for await (const chunk of file === "-" ? process.stdin : createReadStream(file)) {
      onRead(chunk.length);
      yield chunk;
    }
  } catch (error) {
    throw unreadable(file, error);
  }
}

/** @param {string} file */
function nameOf(file) {
  return file === "-" ? "Standard input" : file;
}

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
