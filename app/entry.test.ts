import { describe, expect, test, vi } from "vitest";
import { type ApiRoute, before } from "./entry";

// As in the build of the entry (scripts/page/entry.mjs).
vi.mock("@cloudflare/next-on-pages", () => import("./request-context"));

const HOST = "https://wall.example";

const routes: ApiRoute[] = [
  { pattern: /^\/api\/things$/, handlers: { GET: said("things"), POST: said("made") } },
  { pattern: /^\/api\/things\/(?<id>[^/]+)$/, handlers: { DELETE: said("gone") } },
  {
    pattern: /^\/api\/old$/,
    handlers: { GET: said("old"), HEAD: said("own"), OPTIONS: said("own") },
  },
];

function said(word: string): NonNullable<ApiRoute["handlers"][string]> {
  return async (request, { params }) => {
    const { id = "" } = await params;
    return new Response(`${request.method} ${word} ${id}`.trim());
  };
}

function ask(path: string, method = "GET", adapter = said("page")) {
  const entry = before({ fetch: (request) => adapter(request, NOWHERE) }, routes);
  return entry.fetch(new Request(`${HOST}${path}`, { method }), {}, {});
}

const NOWHERE = { params: Promise.resolve({}) };

describe("before the adapter", () => {
  test.each([
    ["GET", "/api/things", "GET things"],
    ["POST", "/api/things?x=1", "POST made"],
    ["HEAD", "/api/things", "HEAD things"],
    ["DELETE", "/api/things/a%2Fb", "DELETE gone a/b"],
    ["DELETE", "/api/things/%E0%A4%A", "DELETE gone %E0%A4%A"],
    ["HEAD", "/api/old", "HEAD own"],
    ["PROPFIND", "/api/old", "PROPFIND own"],
    ["GET", "/", "GET page"],
    ["GET", "/api/things/", "GET page"],
  ])("%s %s is answered by: %s", async (method, path, answer) => {
    expect(await (await ask(path, method)).text()).toBe(answer);
  });

  test.each([
    ["PUT", "/api/things", "GET, POST, HEAD"],
    ["PROPFIND", "/api/things", "GET, POST, HEAD"],
    ["OPTIONS", "/api/things", "GET, POST, HEAD"],
    ["GET", "/api/things/1", "DELETE"],
    ["HEAD", "/api/things/1", "DELETE"],
  ])("%s %s is refused, with what there is: %s", async (method, path, allow) => {
    const response = await ask(path, method);
    expect(response.status).toBe(405);
    expect(response.headers.get("Allow")).toBe(allow);
    expect(await response.json()).toMatchObject({ code: "method_not_allowed" });
  });

  test("what looks like another host never gets to the adapter", async () => {
    const response = await ask("//evil.example/api/things");
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: "not_found" });
  });

  test("an adapter that fails is no page, and to be tried again", async () => {
    const response = await ask("/", "GET", () => Promise.reject(new Error("no bindings")));
    expect(response.status).toBe(503);
    expect(response.headers.get("Retry-After")).toBe("1");
    expect(await response.text()).not.toContain("bindings");
  });
});
