// @ts-check
import { renameSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { headerOf } from "./admin/export-header.mjs";
import { adminWall, removalsAddress, WALL_OPTIONS, WALL_USAGE } from "./admin/wall.mjs";
import { readArguments } from "./command/arguments.mjs";
import { Refusal, WrongArgument } from "./command/refusal.mjs";
import { runCommand } from "./command/run.mjs";
import { removeAtExit } from "./command/scratch.mjs";

const USAGE = `npm run export [-- --out FILE --since FILE --url URL]

Exports a wall as JSON lines: a header that names the wall, its messages, newest first, and the ids of removed ones.

  --out FILE     write to this file, once complete (standard output)
  --since FILE   only what came or was removed since this earlier export
${WALL_USAGE}`;

const NEWER_THAN_ALL = "9999999999999-0000000000";

/** Messages may arrive with timestamps that much before an export (schema/backup.ts). */
const OVERLAP_MS = 10 * 60_000;

runCommand(async () => {
  const { values } = readArguments(USAGE, {
    options: { ...WALL_OPTIONS, out: { type: "string" }, since: { type: "string" } },
  });
  if (values.out !== undefined) expectFile(values.out);
  const earlier = values.since === undefined ? undefined : await headerOf(values.since);
  const wall = adminWall(values.url);
  // The first request already needs the token.
  const { name, removals: first } = await wall.meet(earlier?.cursor);
  if (earlier) expectContinued(String(values.since), earlier, name, first);

  let count = 0;
  /** @type {Set<string>} */
  const removed = new Set();
  const lines = async function* () {
    const { cursor, at } = first.more ? await wall.ask("GET", removalsAddress()) : first;
    const since = earlier && { since: earlier.at };
    yield lineOf({ saywhatwant: "export", wall: name, at, cursor, ...since });
    const oldest = earlier ? earlier.at - OVERLAP_MS : 0;
    for (let before = NEWER_THAN_ALL; before; ) {
      const address = `/api/admin/export?before=${encodeURIComponent(before)}`;
      const page = await wall.ask("GET", address);
      if (page.spare)
        throw new Refusal(
          "The rebuilder is unavailable, so the wall may show old data. Try again later.",
        );
      for (const comment of page.comments) {
        if (comment.timestamp < oldest) continue;
        yield lineOf(comment);
        count += 1;
      }
      for (const id of page.removed) removed.add(id);
      const last = page.comments.at(-1);
      before = last && last.timestamp < oldest ? null : page.nextBefore;
    }
    // Last, so that a message removed during the export is among them.
    for (let from = earlier?.cursor ?? cursor, more = true; more; ) {
      const page = await wall.ask("GET", removalsAddress(from));
      if (page.gap || page.older)
        throw new Refusal(
          "Older messages were imported or brought back during the export. Start it again.",
        );
      for (const id of page.removed) removed.add(id);
      from = page.cursor;
      more = page.more === true;
    }
    for (const id of removed) yield lineOf({ removed: id });
  };
  if (values.out === undefined) await pipeline(lines, process.stdout, { end: false });
  else await replace(values.out, lines);
  process.stderr.write(`${count} comments, ${removed.size} removals\n`);
});

/** @param {unknown} value */
function lineOf(value) {
  return `${JSON.stringify(value)}\n`;
}

/**
 * @param {string} file
 * @param {import("./admin/export-header.mjs").ExportHeader} earlier
 * @param {string} name of the wall
 * @param {import("../schema/backup").RemovedIds} removals since then
 * @throws {Refusal} if an export since then could miss something
 */
function expectContinued(file, earlier, name, { gap, older }) {
  if (earlier.wall !== name)
    throw new Refusal(`${file} is of the wall ${earlier.wall}, and this is ${name}.`);
  if (gap)
    throw new Refusal(`This wall can't tell what was removed since ${file}. Export it whole.`);
  if (older)
    throw new Refusal(
      `Older messages were imported or brought back since ${file}. Export the wall whole.`,
    );
}

/** @param {string} file */
function expectFile(file) {
  if (statSync(file, { throwIfNoEntry: false })?.isFile() === false)
    throw new WrongArgument(`${file} is not a file.`);
}

/**
 * Readers of the file see the previous export or the complete new one, never a part.
 * @param {string} file
 * @param {() => AsyncIterable<string>} lines
 * @throws {Refusal} if the file can't be written
 */
async function replace(file, lines) {
  const part = `${file}.part`;
  removeAtExit(part);
  try {
    // Before anything can fail: a file that is still being opened when this process ends would stay.
    const opened = await open(part, "w");
    await pipeline(lines, opened.createWriteStream());
    renameSync(part, file);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(
      `${file} can't be written: ${error instanceof Error ? error.message : error}.`,
    );
  }
}
