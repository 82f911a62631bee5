import * as v from "valibot";
import { expect, test } from "vitest";
import { CommentSchema, DraftSchema } from "#schema/comment";
import { ImportSchema } from "#schema/move";
import { denial, importedComment, makeComment } from "./draft";

test("a comment's fields follow the schema's order, so that an export is the same bytes after an import", () => {
  const draft = v.parse(DraftSchema, {
    botParams: { processed: true, priority: 3, entity: "echo" },
    type: "bot",
    nonce: "a-nonce-of-its-own",
    replyTo: "1767225600000-0123456789",
    color: "#aabbcc",
    username: "ada",
    text: "hello",
  });
  const comment = makeComment(draft, "1767225600001-0123456789");
  expect(JSON.stringify(comment)).toBe(JSON.stringify(v.parse(CommentSchema, comment)));
  expect(Object.keys(comment)).toEqual(Object.keys(CommentSchema.entries));
});

const ID = "1767225600001-0123456789";

function imported(fields: object) {
  const comment = { id: ID, timestamp: 1_767_225_600_001, text: "hi", ...fields };
  const [valid] = v.parse(ImportSchema, { comments: [comment] }).comments;
  return importedComment(valid as NonNullable<typeof valid>);
}

test("an imported comment is unchanged, its fields in the schema's order", () => {
  const draft = v.parse(DraftSchema, {
    text: "hello",
    username: "ada",
    color: "#aabbcc",
    replyTo: "1767225600000-0123456789",
    nonce: "a-nonce-of-its-own",
    botParams: { entity: "echo", priority: 3 },
  });
  const comment = makeComment(draft, ID);
  const { sequence, ...kept } = imported(JSON.parse(JSON.stringify(comment)));
  expect(JSON.stringify(kept)).toBe(JSON.stringify(comment));
  expect(sequence).toBe(0);
});

test("an imported message without a processed flag is not pending for bots", () => {
  expect(imported({}).botParams).toEqual({ processed: true });
  expect(imported({ botParams: { processed: false } }).botParams).toEqual({ processed: false });
  expect(imported({ type: "bot" }).botParams).toEqual({});
});

test("an imported comment without a name or a colour gets the defaults of a post", () => {
  const { username, color } = makeComment({ text: "hi" }, ID);
  expect(imported({})).toMatchObject({ username, color, type: "human" });
});

test.each<[string, object, Parameters<typeof denial>[1], number | undefined]>([
  ["anyone may set the highest public priority", { priority: 50 }, "anyone", undefined],
  ["a higher priority needs a token", { priority: 51 }, "anyone", 401],
  ["an admin may not set a higher priority", { priority: 51 }, "admin", 403],
  ["a bot may set a higher priority", { priority: 99 }, "bot", undefined],
  ["anyone may set processed: false", { processed: false }, "anyone", undefined],
  ["processed: true needs a token", { processed: true }, "anyone", 401],
])("%s", (_, botParams, role, status) => {
  const draft = v.parse(DraftSchema, { text: "hi", botParams });
  expect(denial(draft, role)?.problem.status).toBe(status);
});
