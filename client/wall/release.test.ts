/**
 * Runs this release's page and bot against answers recorded from the previous release (`npm run
 * record`).
 */
import { readFileSync } from "node:fs";
import * as v from "valibot";
import { expect, test } from "vitest";
import { CommentSchema } from "#schema/comment";
import { ReadSchema } from "#schema/read";
import { WallStore } from "./wall-store";

interface Exchange {
  by: string;
  path: string;
  status: number;
  answer?: Record<string, unknown>;
}

const file = new URL("../../e2e/recorded/release.json", import.meta.url);
const { exchanges } = JSON.parse(readFileSync(file, "utf8")) as { exchanges: Exchange[] };
const answers = exchanges.flatMap(({ by, path, status, answer }) =>
  status < 300 && answer ? [{ by, path, answer }] : [],
);

test("this release's bot reads every answer of the previous release", () => {
  const given = answers.filter(({ by }) => by === "bot");
  expect(given.length).toBeGreaterThan(2);
  for (const { path, answer } of given) {
    const schema = "comments" in answer ? ReadSchema : CommentSchema;
    expect(v.safeParse(schema, answer), path).toMatchObject({ success: true });
  }
});

test("this release's page shows the conversation recorded by the previous release", () => {
  let wall = new WallStore();
  let brought = 0;
  for (const { path, answer } of answers.filter(({ by }) => by === "page")) {
    const schema = "comments" in answer ? ReadSchema : CommentSchema;
    const read = v.safeParse(schema, answer);
    expect(read, path).toMatchObject({ success: true });
    const { searchParams } = new URL(path, "http://wall");
    if (!("comments" in answer) || searchParams.has("before")) continue;
    const since = searchParams.get("since");
    // A page starts with a full read.
    if (since === null) wall = new WallStore();
    const before = wall.snapshot().comments.length;
    wall.accept(answer as never, since === null ? {} : { since });
    if (since !== null) brought += wall.snapshot().comments.length - before;
  }
  expect(brought, "comments from deltas").toBeGreaterThan(0);
  const shown = wall.snapshot().comments;
  expect(shown.map(({ type }) => type)).toEqual(["human", "bot"]);
  expect(shown[1]?.replyTo).toBe(shown[0]?.id);
});
