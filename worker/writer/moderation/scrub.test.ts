/** Deleted words leave the database's file: looked for in the file itself, which no test inside workerd can read. */
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { Miniflare } from "miniflare";
import { expect, onTestFinished, test } from "vitest";
import { bundleModule } from "../../../scripts/command/bundle.mjs";
import { ROOT } from "../../../scripts/command/paths.mjs";
import { scratchDirectory } from "../../../scripts/command/scratch.mjs";

const WORDS = "quicksilver-heliotrope-zeppelin";

/** An object that runs SQL, each request a commit of its own, and scrubs its file. */
const OBJECT = `
  import { DurableObject } from "cloudflare:workers";
  import { scrub } from "./worker/writer/moderation/scrub";
  export class Database extends DurableObject {
    async fetch(request) {
      for (const [statement, ...values] of await request.json())
        this.ctx.storage.sql.exec(statement, ...values);
      await this.ctx.storage.sync();
      return Response.json(request.url.endsWith("/scrub") && (await scrub(this.ctx.storage)));
    }
  }
  export default { fetch: (request, { DATABASE }) => DATABASE.getByName("one").fetch(request) };`;

type Statement = [sql: string, ...values: (string | number)[]];

async function newDatabase() {
  const directory = scratchDirectory("scrub-test");
  const bundle = path.join(directory, "object.mjs");
  const stdin = { contents: OBJECT, resolveDir: ROOT };
  await bundleModule({ stdin, outfile: bundle });
  const state = path.join(directory, "state");
  mkdirSync(state);
  const runtime = new Miniflare({
    modules: true,
    script: readFileSync(bundle, "utf8"),
    compatibilityDate: "2026-04-21",
    durableObjects: { DATABASE: { className: "Database", useSQLite: true } },
    durableObjectsPersist: state,
  });
  onTestFinished(() => runtime.dispose());
  const send = async (place: string, statements: Statement[]) => {
    const init = { method: "POST", body: JSON.stringify(statements) };
    return (await runtime.dispatchFetch(`http://database/${place}`, init)).json();
  };
  return {
    run: (statements: Statement[]) => send("", statements),
    scrub: () => send("scrub", []),
    /** The kinds of file that hold the words: `sqlite` is the database, `sqlite-wal` its log. */
    filesWithWords: () =>
      readdirSync(state, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .filter((entry) => readFileSync(path.join(entry.parentPath, entry.name)).includes(WORDS))
        .map(({ name }) => name.split(".").at(-1)),
  };
}

/** A row's text: every `nth` is of the words, and the length differs from row to row. */
function text(row: number, nth: number): string {
  return row % nth === 0 ? `${WORDS} ${row}` : `${row} ${"and more ".repeat((row * 7) % 40)}`;
}

test.each([
  ["a few of many", 400, 10],
  ["half of many", 400, 2],
  ["one of a few", 10, 5],
])("deleted and overwritten words leave the file and its log: %s rows", async (_, count, nth) => {
  const database = await newDatabase();
  const tables = ["one", "two", "three"];
  await database.run(
    tables.map((name) => [`CREATE TABLE ${name} (id INTEGER PRIMARY KEY, body TEXT)`]),
  );
  const rows = tables.flatMap((name) =>
    Array.from(
      { length: count },
      (_, row): Statement => [`INSERT INTO ${name} VALUES (?, ?)`, row, text(row, nth)],
    ),
  );
  await database.run(rows);
  expect(database.filesWithWords()).not.toEqual([]);
  await database.run([
    [`DELETE FROM one WHERE body LIKE '${WORDS}%'`],
    [`UPDATE two SET body = 'gone' WHERE body LIKE '${WORDS}%'`],
    ["DROP TABLE three"],
  ]);
  expect(await database.scrub()).toBe(true);
  expect(database.filesWithWords()).toEqual([]);
});
