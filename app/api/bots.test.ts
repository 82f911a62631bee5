/** The bots that are present, and the way of a bot's channel to the Worker. */
import { expect, test, vi } from "vitest";
import { LIVE_HEADERS } from "#schema/live/request";
import { refusal, success } from "#schema/problem";
import { answerLive } from "../edge/live";
import { provideRequestContext } from "../edge/request-context";
import { answerApi } from "./routes";

// As in the build of the entry (scripts/page/entry.mjs).
vi.mock("@cloudflare/next-on-pages", () => import("../edge/request-context"));

const BOTS = { bots: [{ name: "ada", seenAt: 1_790_000_000_000 }] };

test("the bots are listed, and a browser keeps the answer for a moment", async () => {
  provideRequestContext({ COMMENTS: { bots: async () => success(BOTS) } } as never);
  const response = await answerApi(new Request("https://wall.example/api/bots"));
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual(BOTS);
  expect(response.headers.get("Cache-Control")).toBe("public, max-age=5");
  const posted = await answerApi(new Request("https://wall.example/api/bots", { method: "POST" }));
  expect([posted.status, posted.headers.get("Allow")]).toEqual([405, "GET, HEAD"]);
});

test("a Worker of the previous release, which knows no bots, makes it 503", async () => {
  provideRequestContext({ COMMENTS: {} } as never);
  const response = await answerApi(new Request("https://wall.example/api/bots"));
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ code: "unavailable" });
});

/** The request for an upgrade as the Worker gets it. */
async function passedFor(search: string, authorization?: string) {
  const passed: Request[] = [];
  const fetch = async (request: Request) => {
    passed.push(request);
    const refused = refusal("invalid_parameter", "Invalid: since.");
    return Response.json(refused, { status: 400 });
  };
  provideRequestContext({ COMMENTS: { fetch } } as never);
  const headers = { ...(authorization !== undefined && { Authorization: authorization }) };
  await answerLive(new Request(`https://wall.example/api/live${search}`, { headers }));
  const [request] = passed;
  const { searchParams } = new URL(request?.url ?? "");
  return {
    since: searchParams.get("since"),
    entities: searchParams.getAll("entity"),
    token: request?.headers.get(LIVE_HEADERS.token),
  };
}

test.each([
  ["?since=abcdefgh.1", "abcdefgh.1", [], null],
  ["?since=abcdefgh.1&entity=ada&entity=b%C3%B6b", "abcdefgh.1", ["ada", "böb"], "secret"],
  ["?since=abcdefgh.1&entity=ada&limit=5", null, ["ada"], "secret"],
  ["?since=abcdefgh.1&since=abcdefgh.2", null, [], null],
  ["?entity=ada", null, ["ada"], "secret"],
])(
  "the upgrade of %s reaches the Worker with its cursor, entities and token",
  async (search, since, entities, token) => {
    expect(await passedFor(search, "Bearer secret")).toEqual({ since, entities, token });
  },
);

test("a bot's channel without a bearer token has none, and one with another scheme an empty one", async () => {
  expect((await passedFor("?since=abcdefgh.1&entity=ada")).token).toBeNull();
  expect((await passedFor("?since=abcdefgh.1&entity=ada", "Basic YTpi")).token).toBe("");
});
