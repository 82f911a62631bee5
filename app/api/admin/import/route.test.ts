import { expect, test, vi } from "vitest";
import { refusal, success } from "#schema/problem";
import { provideRequestContext } from "../../../request-context";
import { POST } from "./route";

// As in the build of the entry (scripts/page/entry.mjs).
vi.mock("@cloudflare/next-on-pages", () => import("../../../request-context"));

function ask(importComments: (wall: string, caller: unknown, body: unknown) => unknown) {
  provideRequestContext({ COMMENTS: { importComments } });
  const request = new Request("https://wall.example/api/admin/import", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: `{"comments":[${"x".repeat(500_000)}`,
  });
  return POST(request, { params: Promise.resolve({}) });
}

test.each([
  ["unauthorized", 401],
  ["forbidden", 403],
] as const)("who may not import is told %s before the body is parsed", async (code, status) => {
  const bodies: unknown[] = [];
  const response = await ask(async (_wall, _caller, body) => {
    bodies.push(body);
    return refusal(code, "Not with this token.");
  });
  expect(response.status).toBe(status);
  expect(bodies).toEqual([undefined]);
});

test("who may is told what is wrong with the body", async () => {
  const response = await ask(async (_wall, _caller, body) =>
    body === undefined ? refusal("invalid_field", "No body.") : success({ added: 0, known: 0 }),
  );
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ code: "invalid_json" });
});
