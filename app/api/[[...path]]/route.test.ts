import { expect, test, vi } from "vitest";
import { success } from "#schema/problem";
import { provideRequestContext } from "../../edge/request-context";
import { GET, POST } from "./route";

// As in the bundle of the entry (scripts/page/entry.mjs).
vi.mock("@cloudflare/next-on-pages", () => import("../../edge/request-context"));

test("the segments that Next.js adds to the query are not seen as a client's parameter", async () => {
  const read = vi.fn(async () => success({ etag: 'W/"1"', rebuiltAt: 1, body: null }));
  provideRequestContext({ COMMENTS: { read } });
  const response = await GET(
    new Request("https://wall.example/api/comments?limit=1&path=comments"),
  );
  expect(response.status).toBe(304);
  expect(read).toHaveBeenCalledWith("main", { limit: 1 }, undefined, expect.any(String));
});

test("a body and its headers arrive", async () => {
  const claim = vi.fn(async () => success({}));
  provideRequestContext({ COMMENTS: { claim } });
  const request = new Request("https://wall.example/api/comments/1/claim?path=comments&path=1", {
    method: "POST",
    headers: { Authorization: "Bearer token", "Content-Type": "application/json" },
    body: '{"bot":"b"}',
  });
  expect((await POST(request)).status).toBe(200);
  const caller = expect.objectContaining({ token: "token" });
  expect(claim).toHaveBeenCalledWith("main", caller, "1", { bot: "b" });
});
