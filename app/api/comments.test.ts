import { expect, test, vi } from "vitest";
import { BODY_MAX_BYTES } from "#schema/limits";
import { success } from "#schema/problem";
import type { Caller } from "#schema/rpc";
import { provideRequestContext } from "../edge/request-context";
import { answerApi } from "./routes";

// As in the build of the entry (scripts/page/entry.mjs).
vi.mock("@cloudflare/next-on-pages", () => import("../edge/request-context"));

const COMMENT = { id: "1700000000000-0123456789", text: "hi" };
let created = true;
const callers: Caller[] = [];
provideRequestContext({
  COMMENTS: {
    post: async (_wall: string, caller: Caller) => {
      callers.push(caller);
      return success({ comment: COMMENT, created });
    },
  },
} as never);

function post(body: string, headers: Record<string, string> = {}) {
  const all = { "Content-Type": "application/json", ...headers };
  const request = new Request("https://wall.example/api/comments", {
    method: "POST",
    headers: all,
    body,
  });
  return answerApi(request);
}

test("a new comment is 201, one that was known already 200, and both say where it is", async () => {
  const first = await post('{"text":"hi"}');
  created = false;
  const again = await post('{"text":"hi"}');
  expect([first.status, again.status]).toEqual([201, 200]);
  for (const answer of [first, again]) {
    expect(answer.headers.get("Location")).toBe(`/api/comments/${COMMENT.id}`);
    expect(await answer.json()).toEqual(COMMENT);
  }
});

test("a body of exactly the size that is allowed is read, one byte more is not", async () => {
  const sized = (bytes: number) => `"${"x".repeat(bytes - 2)}"`;
  expect((await post(sized(BODY_MAX_BYTES))).status).toBe(200);
  expect((await post(sized(BODY_MAX_BYTES + 1))).status).toBe(413);
});

test.each([
  ["Bearer a-token", "a-token"],
  ["bearer a-token", "a-token"],
  // An unreadable credential is not the same as none.
  ["Basic YTpi", ""],
  ["a-token", ""],
])("the token of %j is %j", async (authorization, token) => {
  await post('{"text":"hi"}', { Authorization: authorization });
  expect(callers.at(-1)?.token).toBe(token);
});

test("without a header there is no token, and the address is the platform's", async () => {
  await post('{"text":"hi"}', { "CF-Connecting-IP": "192.0.2.1" });
  expect(callers.at(-1)).not.toHaveProperty("token");
  expect(callers.at(-1)?.address).toBe("192.0.2.1");
});
