import { expect, test, vi } from "vitest";
import { guarded } from "./entry";

// As in the bundle of the entry (scripts/page/entry.mjs).
vi.mock("@cloudflare/next-on-pages", () => import("./request-context"));

const servePage = async () => new Response("page");

function ask(path: string, servedBy: () => Promise<Response> = servePage) {
  const request = new Request(`https://wall.example${path}`);
  return guarded({ fetch: servedBy }).fetch(request, {}, {});
}

test.each(["/", "/apis", "/api/", "/api/comments/", "/old/api/comments"])(
  "%s goes to the adapter",
  async (path) => {
    expect(await (await ask(path)).text()).toBe("page");
  },
);

test.each(["/api", "/api/unknown", "/api/comments//claim", "//evil.example/api/things"])(
  "%s never reaches the adapter",
  async (path) => {
    const response = await ask(path);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: "not_found" });
  },
);

test("when the adapter fails, the answer is 503 with Retry-After and without the error", async () => {
  const response = await ask("/", () => Promise.reject(new Error("no bindings")));
  expect(response.status).toBe(503);
  expect(response.headers.get("Retry-After")).toBe("1");
  expect(await response.text()).not.toContain("bindings");
});
