/** The routes of an author's removal and of reports. */
import { beforeEach, expect, test, vi } from "vitest";
import { success } from "#schema/problem";
import { provideRequestContext } from "../edge/request-context";
import { answerApi } from "./routes";

// As in the build of the entry (scripts/page/entry.mjs).
vi.mock("@cloudflare/next-on-pages", () => import("../edge/request-context"));

const ID = "1700000000000-0123456789";
const calls: unknown[][] = [];
const answering =
  (name: string, value: unknown = null) =>
  async (_wall: string, caller: { token?: string; address?: string }, ...rest: unknown[]) => {
    calls.push([name, caller.token, caller.address, ...rest]);
    return success(value);
  };
provideRequestContext({
  COMMENTS: {
    remove: answering("remove"),
    report: answering("report"),
    reported: answering("reported", { reported: [] }),
    dismiss: answering("dismiss"),
  },
} as never);
beforeEach(() => void calls.splice(0));

function ask(method: string, path: string, body?: unknown, token?: string) {
  const headers = {
    "CF-Connecting-IP": "192.0.2.1",
    ...(body !== undefined && { "Content-Type": "application/json" }),
    ...(token && { Authorization: `Bearer ${token}` }),
  };
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  return answerApi(new Request(`https://wall.example/api${path}`, { method, headers, ...sent }));
}

test("an author's removal passes its secret on and answers nothing", async () => {
  const response = await ask("DELETE", `/comments/${ID}`, { secret: "s" });
  expect([response.status, await response.text()]).toEqual([204, ""]);
  expect(calls).toEqual([["remove", undefined, "192.0.2.1", ID, { secret: "s" }]]);
});

test.each([undefined, {}, { reason: "an insult" }])(
  "a report with the body %j is 204",
  async (body) => {
    const response = await ask("POST", `/comments/${ID}/report`, body);
    expect([response.status, await response.text()]).toEqual([204, ""]);
    expect(calls).toEqual([["report", undefined, "192.0.2.1", ID, body]]);
  },
);

test("admins list reports, and dismiss those of one message", async () => {
  const list = await ask("GET", "/admin/reports", undefined, "t");
  expect([list.status, await list.json()]).toEqual([200, { reported: [] }]);
  expect(list.headers.get("Cache-Control")).toBe("no-store");
  const dismissed = await ask("DELETE", `/admin/reports/${ID}`, undefined, "t");
  expect(dismissed.status).toBe(204);
  expect(calls).toEqual([
    ["reported", "t", "192.0.2.1"],
    ["dismiss", "t", "192.0.2.1", ID],
  ]);
});

test("another method gets the allowed ones", async () => {
  const response = await ask("GET", `/comments/${ID}/report`);
  expect([response.status, response.headers.get("Allow")]).toEqual([405, "POST"]);
});
