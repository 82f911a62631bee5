import { afterEach, expect, test, vi } from "vitest";
import { ApiError } from "../api/request";
import { readComments } from "./api";

afterEach(() => vi.unstubAllGlobals());

function stubFetch(response: Response) {
  const fetch = vi.fn(async (_url: string, _init: RequestInit) => response);
  vi.stubGlobal("fetch", fetch);
  return fetch;
}

test("a 304 says that nothing changed, and when the wall was rebuilt", async () => {
  const headers = { ETag: 'W/"tag"', "Rebuilt-At": "1700000000000" };
  const fetch = stubFetch(new Response(null, { status: 304, headers }));
  expect(await readComments({ since: "aaaaaaaa.1" }, 'W/"tag"')).toMatchObject({
    read: null,
    rebuiltAt: 1_700_000_000_000,
    etag: 'W/"tag"',
  });
  const [url, init] = fetch.mock.calls[0] ?? [];
  expect(url).toBe("/api/comments?since=aaaaaaaa.1");
  expect(init?.headers).toEqual({ "If-None-Match": 'W/"tag"' });
});

test("the time of an answer without a Date header is null", async () => {
  stubFetch(new Response(JSON.stringify({ rebuiltAt: 5 })));
  expect(await readComments({}, null)).toMatchObject({ rebuiltAt: 5, answeredAt: null });
});

test("a refusal says how long to wait and why", async () => {
  const problem = { type: "about:blank", title: "", status: 429, detail: "slower", code: "x" };
  const headers = { "Content-Type": "application/problem+json", "Retry-After": "7" };
  stubFetch(new Response(JSON.stringify(problem), { status: 429, headers }));
  const failure = await readComments({}, null).catch((error) => error);
  expect(failure).toBeInstanceOf(ApiError);
  expect(failure).toMatchObject({ status: 429, retryAfterMs: 7_000, message: "slower" });
});

test("a body that was cut off is an error", async () => {
  stubFetch(new Response('{"comments":['));
  await expect(readComments({}, null)).rejects.toBeInstanceOf(ApiError);
});
