import { beforeAll, expect, test, vi } from "vitest";
import { provideRequestContext } from "../../edge/request-context";
import { json } from "./answers";
import { routerOf } from "./router";

// As in the bundle of the entry (scripts/page/entry.mjs).
vi.mock("@cloudflare/next-on-pages", () => import("../../edge/request-context"));

beforeAll(() => provideRequestContext({}));

function say(word: string) {
  return async ({ method }: Request, params: { id?: string }) =>
    new Response([method, word, ...Object.values(params)].join(" "));
}

const router = routerOf({
  "GET /api/things": say("things"),
  "POST /api/things": say("made"),
  "GET /api/things/newest": say("newest"),
  "DELETE /api/things/:id": say("gone"),
  "POST /api/things/:id/claim": say("claimed"),
  "GET /api/picture.svg": say("picture"),
  "GET /api/own": async () => json({}, 200, { "Cross-Origin-Resource-Policy": "cross-origin" }),
});

function ask(path: string, method = "GET", headers: Record<string, string> = {}) {
  return router(new Request(`https://wall.example${path}`, { method, headers }));
}

test.each([
  ["GET", "/api/things", "GET things"],
  ["POST", "/api/things?x=1", "POST made"],
  ["HEAD", "/api/things", "HEAD things"],
  ["GET", "/api/things/newest", "GET newest"],
  ["DELETE", "/api/things/1-abc", "DELETE gone 1-abc"],
  ["DELETE", "/api/things/a%2Fb", "DELETE gone a/b"],
  ["DELETE", "/api/things/%E0%A4%A", "DELETE gone %E0%A4%A"],
  ["POST", "/api/things/1-abc/claim", "POST claimed 1-abc"],
  ["GET", "/api/picture.svg", "GET picture"],
])("%s %s is answered by: %s", async (method, path, answer) => {
  expect(await (await ask(path, method)).text()).toBe(answer);
});

test.each([
  ["PUT", "/api/things", "GET, POST, HEAD"],
  ["PROPFIND", "/api/things", "GET, POST, HEAD"],
  ["OPTIONS", "/api/things", "GET, POST, HEAD"],
  ["GET", "/api/things/1", "DELETE"],
  ["HEAD", "/api/things/1", "DELETE"],
  ["DELETE", "/api/things/newest", "GET, HEAD"],
])("%s %s is 405 and Allow lists: %s", async (method, path, allow) => {
  const response = await ask(path, method);
  expect(response.status).toBe(405);
  expect(response.headers.get("Allow")).toBe(allow);
  expect(await response.json()).toMatchObject({ code: "method_not_allowed" });
});

test.each([
  ["GET", "/api"],
  ["GET", "/api/unknown"],
  ["OPTIONS", "/api/unknown"],
  ["HEAD", "/api/unknown"],
  ["POST", "/api/things//claim"],
  ["POST", "/api/things/1-abc/other"],
  ["GET", "/api/picture-svg"],
  ["GET", "//api/things"],
])("%s %s is 404", async (method, path) => {
  const response = await ask(path, method);
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({ code: "not_found" });
});

test("a preflight lists the methods of its address", async () => {
  const response = await ask("/api/things", "OPTIONS", {
    Host: "wall.example",
    Origin: "https://wall.example",
    "Access-Control-Request-Method": "POST",
  });
  expect(response.status).toBe(204);
  expect(response.headers.get("Access-Control-Allow-Methods")).toBe("GET, POST, HEAD");
});

test("other sites may embed only an answer that allows it", async () => {
  const policy = async (path: string) =>
    (await ask(path)).headers.get("Cross-Origin-Resource-Policy");
  expect(await policy("/api/things")).toBe("same-origin");
  expect(await policy("/api/own")).toBe("cross-origin");
});
