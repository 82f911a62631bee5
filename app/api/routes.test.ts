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

/** Asks for an admin's address, and lists the arguments of the Worker's call after the caller. */
async function askAdmin(address: string) {
  const asked: unknown[] = [];
  provideRequestContext({
    COMMENTS: {
      exportPage: async (_wall: string, _caller: unknown, query: unknown) => {
        asked.push(query);
        return success({ rebuiltAt: 1, body: new TextEncoder().encode('{"removed":["x"]}') });
      },
      removals: async (_wall: string, _caller: unknown, since: unknown) => {
        asked.push(since);
        return success({ removed: [], cursor: "abcdefgh.1", at: 1 });
      },
    },
  });
  const response = await answerApi(new Request(`https://wall.example/api/admin/${address}`));
  return { status: response.status, body: await response.json(), asked };
}

test("an export's pages and the removals are read by place and by cursor", async () => {
  const id = "9999999999999-0000000000";
  expect(await askAdmin(`export?before=${id}&limit=7`)).toEqual({
    status: 200,
    body: { removed: ["x"] },
    asked: [{ before: { id }, limit: 7 }],
  });
  expect((await askAdmin("removals?since=abcdefgh.5")).asked).toEqual([
    { store: "abcdefgh", sequence: 5 },
  ]);
  expect((await askAdmin("removals")).asked).toEqual([undefined]);
});

test.each([
  ["export", "?before"],
  ["export?since=abcdefgh.5", "?before"],
  ["export?before=x", "?before"],
  ["removals?since=x", "?since"],
  ["removals?before=x", "?since"],
  ["removals?since=abcdefgh.5&since=abcdefgh.6", "?since"],
])("/api/admin/%s is refused with the parameter's name", async (address, pointer) => {
  const { status, body, asked } = await askAdmin(address);
  expect({ status, body }).toMatchObject({ status: 400, body: { errors: [{ pointer }] } });
  expect(asked).toEqual([]);
});
