import { expect, test, vi } from "vitest";
import { refusal, success } from "#schema/problem";
import { provideRequestContext } from "../edge/request-context";
import { answerApi } from "./routes";

// As in the bundle of the entry (scripts/page/entry.mjs).
vi.mock("@cloudflare/next-on-pages", () => import("../edge/request-context"));

function ask(importComments: (wall: string, caller: unknown, body: unknown) => unknown) {
  provideRequestContext({ COMMENTS: { importComments } });
  const request = new Request("https://wall.example/api/admin/import", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: `{"comments":[${"x".repeat(500_000)}`,
  });
  return answerApi(request);
}

test.each([
  ["unauthorized", 401],
  ["forbidden", 403],
] as const)(
  "an import without the right token is %s before its body is parsed",
  async (code, status) => {
    const bodies: unknown[] = [];
    const response = await ask(async (_wall, _caller, body) => {
      bodies.push(body);
      return refusal(code, "Not with this token.");
    });
    expect(response.status).toBe(status);
    expect(bodies).toEqual([undefined]);
  },
);

test("an import with the right token gets an error about its body", async () => {
  const response = await ask(async (_wall, _caller, body) =>
    body === undefined ? refusal("invalid_field", "No body.") : success({ added: 0, known: 0 }),
  );
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ code: "invalid_json" });
});
