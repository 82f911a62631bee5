import { expect, test } from "vitest";
import { formatCursor, parseCursor } from "./cursor";
import { formatPlace } from "./place";
import { parseReadQuery } from "./read";

const query = (search: string) => parseReadQuery(new URLSearchParams(search));

test("no parameter asks for the newest 500", () => {
  expect(query("")).toEqual({ ok: true, value: { limit: 500 } });
});

test("since and limit can be combined", () => {
  const since = { store: "abcd1234", sequence: 17 };
  expect(query(`since=${formatCursor(since)}&limit=5`)).toEqual({
    ok: true,
    value: { since, limit: 5 },
  });
});

test.each([
  "limit=abc",
  "limit=0",
  "limit=501",
  "limit=-1",
  "limit=1.5",
  "limit=",
  "limit=1&limit=2",
  "since=",
  "since=1700000000000",
  "since=abcd1234.99999999999999999",
  "after=1700000000000",
  "before=",
  "before=1700000000000",
  "before=1700000000000-0123456789.",
  "pending=yes",
  "pending=",
  "entity=oracle",
  "addressed=1",
  "addressed=1&pending=1",
  "addressed=0&pending=1&entity=oracle",
  "addressed=&pending=1&entity=oracle",
])("%s is refused by name", (search) => {
  const name = search.slice(0, search.indexOf("="));
  expect(query(search)).toMatchObject({
    ok: false,
    problem: { status: 400, code: "invalid_parameter", errors: [{ pointer: `?${name}` }] },
  });
});

test("before asks for a page of history, at most 100", () => {
  const before = { id: "1700000000000-0123456789", listCursor: "further" };
  const search = `before=${formatPlace(before)}`;
  expect(query(search)).toEqual({ ok: true, value: { before, limit: 100 } });
  expect(query(`${search}&limit=1`)).toEqual({ ok: true, value: { before, limit: 1 } });
  expect(query(`before=${before.id}`)).toEqual({
    ok: true,
    value: { before: { id: before.id }, limit: 100 },
  });
});

test.each([
  ["limit=101", ["?limit"]],
  ["since=abcd1234.17", ["?before", "?since"]],
  ["pending=1", ["?before", "?pending"]],
  ["since=abcd1234.17&pending=1", ["?before", "?pending", "?since"]],
  ["entity=oracle", ["?entity"]],
  ["before=1700000000000-0123456789", ["?before"]],
])("before with %s is refused by name", (search, pointers) => {
  const refused = query(`before=1700000000000-0123456789&${search}`);
  expect(refused).toMatchObject({ ok: false, problem: { code: "invalid_parameter" } });
  const named = refused.ok ? [] : (refused.problem.errors ?? []).map(({ pointer }) => pointer);
  expect(named.sort()).toEqual(pointers);
});

test("pending=1 asks for unprocessed comments, for all or for one entity", () => {
  expect(query("pending=1")).toEqual({ ok: true, value: { pending: true, limit: 500 } });
  expect(query("pending=1&entity=oracle&limit=3")).toEqual({
    ok: true,
    value: { pending: true, entity: "oracle", limit: 3 },
  });
  expect(query(`pending=1&entity=${"x".repeat(65)}`)).toMatchObject({ ok: false });
  expect(query("pending=1&entity=oracle&addressed=1")).toEqual({
    ok: true,
    value: { pending: true, entity: "oracle", addressed: true, limit: 500 },
  });
});

test("one refusal names every invalid parameter", () => {
  const refused = query("limit=abc&offset=1");
  expect(refused.ok ? [] : refused.problem.errors).toHaveLength(2);
});

test("a cursor survives formatting", () => {
  const cursor = { store: "0z9y8x7w", sequence: 1_800_000_000_123 };
  expect(parseCursor(formatCursor(cursor))).toEqual(cursor);
  expect(parseCursor("nonsense")).toBeNull();
});
