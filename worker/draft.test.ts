import * as v from "valibot";
import { expect, test } from "vitest";
import { CommentSchema, DraftSchema } from "#schema/comment";
import { makeComment } from "./draft";

test("a comment's fields stand in the schema's order, so that an export is the same bytes after an import", () => {
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
