import { expect, test } from "vitest";
import { Database } from "./sql";
import type { Step, Value } from "./sql-tables";

function opened() {
  const database = new Database();
  const steps: Step[] = [];
  const run = (query: string, ...bindings: Value[]) =>
    database.run(query, bindings, (step) => steps.push(step)).rows;
  return { database, steps, run };
}

test("rows are in the order of their key, which is counted up when not given", () => {
  const { run } = opened();
  run("CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, body TEXT NOT NULL)");
  for (const body of ["a", "b"]) run("INSERT INTO t (body) VALUES (?)", body);
  run("INSERT OR REPLACE INTO t (id, body) VALUES (1, ?)", "c");
  expect(run("SELECT id, body FROM t ORDER BY id DESC")).toEqual([
    { id: 2, body: "b" },
    { id: 1, body: "c" },
  ]);
  expect(() => run("INSERT INTO t (id, body) VALUES (1, 'd')")).toThrow("SQLITE_CONSTRAINT");
});

test("a condition compares, combines and aggregates as SQLite does", () => {
  const { run } = opened();
  run(
    "CREATE TABLE m (at INTEGER, suffix TEXT, flag INTEGER, PRIMARY KEY (at, suffix)) WITHOUT ROWID",
  );
  for (const [at, suffix] of [
    [1, "a"],
    [1, "b"],
    [2, "a"],
  ] as const)
    run("INSERT INTO m (at, suffix) VALUES (?, ?)", at, suffix);
  const behind = "at <= ?1 AND (at < ?1 OR suffix > ?2) ORDER BY at DESC, suffix LIMIT ?3";
  expect(run(`SELECT at, suffix FROM m WHERE ${behind}`, 2, "a", 1)).toEqual([
    { at: 1, suffix: "a" },
  ]);
  expect(run("SELECT max(at) AS latest FROM m WHERE flag IS NULL")).toEqual([{ latest: 2 }]);
  run("UPDATE m SET flag = iif(?, ?, flag) WHERE at = ? AND suffix = ?", 1, 7, 1, "b");
  expect(run("SELECT flag FROM m WHERE at = 1 AND suffix = 'b'")).toEqual([{ flag: 7 }]);
  run("DELETE FROM m WHERE at <= (SELECT max(at) FROM m) - ?", 1);
  expect(run("SELECT at FROM m")).toEqual([{ at: 2 }]);
});

test("undoing steps restores the rows", () => {
  const { database, steps, run } = opened();
  run("CREATE TABLE t (id INTEGER PRIMARY KEY, body TEXT NOT NULL)");
  run("INSERT INTO t (body) VALUES ('a')");
  const before = steps.length;
  run("UPDATE t SET body = 'b' WHERE id = 1");
  run("DROP TABLE t");
  for (const step of steps.splice(before).reverse()) database.takeBack(step);
  expect(run("SELECT body FROM t")).toEqual([{ body: "a" }]);
});

test("a value over two million bytes is rejected", () => {
  const { run } = opened();
  run("CREATE TABLE t (id INTEGER PRIMARY KEY, body TEXT NOT NULL)");
  expect(() => run("INSERT INTO t (body) VALUES (?)", "x".repeat(2_000_001))).toThrow("TOOBIG");
});
