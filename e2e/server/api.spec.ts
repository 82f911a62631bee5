/** The wire contract over real HTTP: every error with its status, code and pointers, and no 500. */
import { type APIResponse, expect, test } from "@playwright/test";
import { eventually, GIVEN } from "../fixtures";

// No token by default; tests that need one send it.
test.use({ extraHTTPHeaders: {} });

const COMMENTS = "/api/comments";
/** `LEDGER=sqlite` runs the suite against a wall with that ledger. */
const LEDGER = process.env.LEDGER ?? "kv";
const BOT = { Authorization: `Bearer ${process.env.BOT_TOKEN}` };
const ADMIN = { Authorization: `Bearer ${process.env.ADMIN_TOKEN}` };
const JSON_TYPE = { "Content-Type": "application/json" };
const PROCESSED = { botParams: { processed: true } };

const UNKNOWN_OLD = "1700000000000-0123456789";

async function expectProblem(
  response: APIResponse,
  status: number,
  code: string,
  pointers?: string[],
) {
  expect(response.status()).toBe(status);
  expect(response.headers()["content-type"]).toBe("application/problem+json");
  const problem = await response.json();
  expect(problem).toMatchObject({ type: "about:blank", status, code });
  expect(typeof problem.title).toBe("string");
  expect(problem.detail.length).toBeGreaterThan(10);
  if (pointers) {
    const named = problem.errors.map(({ pointer }: { pointer: string }) => pointer);
    expect(named.sort()).toEqual(pointers);
  }
}

test("POST returns 201 with the comment and its Location", async ({ request }) => {
  const response = await request.post(COMMENTS, {
    data: { text: " Hello ", username: "ada", nonce: `api-${Date.now()}` },
  });
  expect(response.status()).toBe(201);
  const comment = await response.json();
  expect(comment).toMatchObject({
    text: "Hello",
    username: "ada",
    type: "human",
    botParams: { processed: false },
  });
  expect(comment.id).toMatch(/^\d{13}-[0-9a-z]{10}$/);
  expect(Number(comment.id.slice(0, 13))).toBe(comment.timestamp);
  expect(response.headers().location).toBe(`${COMMENTS}/${comment.id}`);
  const found = await request.get(`${COMMENTS}/${comment.id}`);
  expect(found.status()).toBe(200);
  expect(await found.json()).toEqual(comment);
});

test("a repeated nonce returns 200 with the first comment", async ({ request }) => {
  const data = { text: "once", nonce: `again-${Date.now()}` };
  const first = await request.post(COMMENTS, { data });
  const again = await request.post(COMMENTS, { data });
  expect([first.status(), again.status()]).toEqual([201, 200]);
  expect(await again.json()).toEqual(await first.json());
});

test("PATCH marks a comment as soon as POST has been answered, also repeatedly", async ({
  request,
}) => {
  const { id } = await (await request.post(COMMENTS, { data: { text: "mark me" } })).json();
  for (let time = 0; time < 2; time += 1) {
    const patched = await request.patch(`${COMMENTS}/${id}`, { headers: BOT, data: PROCESSED });
    expect(patched.status()).toBe(200);
    expect(await patched.json()).toMatchObject({ id, botParams: { processed: true } });
  }
});

test("a full read, then a delta, then 304 while nothing changes", async ({ request }) => {
  await request.post(COMMENTS, { data: { text: "first" } });
  const full = await request.get(`${COMMENTS}?limit=5`);
  expect(full.status()).toBe(200);
  expect(full.headers().etag).toMatch(/^W\/"/);
  const { cursor, rebuiltAt } = await full.json();
  expect(full.headers()["rebuilt-at"]).toBe(String(rebuiltAt));

  const posted = await (await request.post(COMMENTS, { data: { text: "second" } })).json();
  await eventually(async () => {
    const delta = await (await request.get(`${COMMENTS}?since=${cursor}`)).json();
    expect(delta.comments.map(({ id }: { id: string }) => id)).toContain(posted.id);
  });

  const readUnchanged = async () => {
    const now = await (await request.get(`${COMMENTS}?limit=1`)).json();
    const idle = await request.get(`${COMMENTS}?since=${now.cursor}`);
    expect(await idle.json()).toMatchObject({ comments: [], removed: [], gap: false });
    const again = await request.get(`${COMMENTS}?since=${now.cursor}`, {
      headers: { "If-None-Match": idle.headers().etag as string },
    });
    expect(again.status()).toBe(304);
    return again;
  };
  // A message of an earlier test may come between two reads.
  let unchanged!: Awaited<ReturnType<typeof readUnchanged>>;
  await eventually(async () => {
    unchanged = await readUnchanged();
  });
  expect(unchanged.headers()["rebuilt-at"]).toMatch(/^\d{13}$/);
  expect((await unchanged.body()).length).toBe(0);
  // Most polls are 304s: they omit the headers that came with the cached answer.
  expect(full.headers()).toHaveProperty("content-security-policy");
  expect(unchanged.headers()).not.toHaveProperty("content-security-policy");
});

test("a cursor of another store returns a gap", async ({ request }) => {
  const read = await (await request.get(`${COMMENTS}?since=zzzzzzzz.17`)).json();
  expect(read).toMatchObject({ gap: true, comments: [] });
});

for (const [search, parameter] of [
  ["limit=abc", "?limit"],
  ["limit=0", "?limit"],
  ["limit=501", "?limit"],
  ["since=yesterday", "?since"],
  ["after=1700000000000", "?after"],
  ["pending=yes", "?pending"],
  ["entity=oracle", "?entity"],
  ["pending=1&addressed=1", "?addressed"],
  ["before=yesterday", "?before"],
  [`before=${UNKNOWN_OLD}.*`, "?before"],
  [`before=${UNKNOWN_OLD}&limit=101`, "?limit"],
] as const) {
  test(`GET ?${search} is rejected with the parameter's name`, async ({ request }) => {
    const response = await request.get(`${COMMENTS}?${search}`);
    await expectProblem(response, 400, "invalid_parameter", [parameter]);
  });
}

test("before and since together are rejected with both names", async ({ request }) => {
  const response = await request.get(`${COMMENTS}?before=${UNKNOWN_OLD}&since=zzzzzzzz.17`);
  await expectProblem(response, 400, "invalid_parameter", ["?before", "?since"]);
});

test("history can be read page by page to its end", async ({ request }) => {
  const { comments } = await (await request.get(`${COMMENTS}?limit=1`)).json();
  let before: string | null = comments[0].id;
  const ids: string[] = [];
  // The other tests' messages are far fewer.
  for (const limit of [1, 2, ...new Array<number>(30).fill(100)]) {
    if (before === null) break;
    const response = await request.get(`${COMMENTS}?before=${before}&limit=${limit}`);
    expect(response.status()).toBe(200);
    expect(response.headers().etag).toBeUndefined();
    expect(response.headers()["rebuilt-at"]).toMatch(/^\d{13}$/);
    const page = await response.json();
    expect(page).toMatchObject({ removed: [], gap: false });
    expect(page.comments.length).toBeLessThanOrEqual(limit);
    ids.push(...page.comments.map(({ id }: { id: string }) => id));
    before = page.nextBefore;
  }
  expect(before).toBeNull();
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).not.toContain(comments[0].id);
});

test("a bot reads pending comments, claims one exclusively, and releases it", async ({
  request,
}) => {
  const entity = `entity-${Date.now()}`;
  const data = { text: "to a bot", botParams: { entity, priority: 50 } };
  const { id } = await (await request.post(COMMENTS, { data })).json();
  const pending = async () => {
    const response = await request.get(`${COMMENTS}?pending=1&entity=${entity}&limit=500`);
    expect(response.status()).toBe(200);
    expect(response.headers().etag).toBeUndefined();
    expect(response.headers()["rebuilt-at"]).toMatch(/^\d{13}$/);
    const read = await response.json();
    expect(read).toMatchObject({ removed: [], gap: false });
    return read.comments.map((comment: { id: string }) => comment.id);
  };
  await eventually(async () => expect(await pending()).toContain(id));

  const address = `${COMMENTS}/${id}`;
  const claim = (bot: string) =>
    request.post(`${address}/claim`, { headers: BOT, data: { bot, seconds: 30 } });
  const claimed = await claim("ada");
  expect(claimed.status()).toBe(200);
  const { botParams } = await claimed.json();
  expect(botParams).toMatchObject({ processed: false, claimedBy: "ada" });
  expect(botParams.claimedUntil).toBeGreaterThan(Date.now());
  await expectProblem(await claim("bob"), 409, "conflict");
  expect(await pending()).not.toContain(id);
  const found = await (await request.get(address)).json();
  expect(found.botParams).toEqual(botParams);

  const release = (bot: string) =>
    request.post(`${address}/release`, { headers: BOT, data: { bot } });
  await expectProblem(await release("bob"), 409, "conflict");
  const released = await release("ada");
  expect(released.status()).toBe(204);
  expect((await released.body()).length).toBe(0);
  expect(await pending()).toContain(id);
  await request.patch(address, { headers: BOT, data: PROCESSED });
  await expectProblem(await claim("ada"), 409, "conflict");
});

test("claims need a valid bot token, comment and body", async ({ request }) => {
  const { id } = await (await request.post(COMMENTS, { data: { text: "hi" } })).json();
  for (const [deed, data] of [
    ["claim", { bot: "ada", seconds: 30 }],
    ["release", { bot: "ada" }],
  ] as const) {
    const address = `${COMMENTS}/${id}/${deed}`;
    await expectProblem(await request.post(address, { data }), 401, "unauthorized");
    const admin = await request.post(address, { headers: ADMIN, data });
    await expectProblem(admin, 403, "forbidden");
    const invalid = await request.post(address, { headers: BOT, data: { bot: "" } });
    await expectProblem(
      invalid,
      400,
      "invalid_field",
      deed === "claim" ? ["/bot", "/seconds"] : ["/bot"],
    );
    const old = `${COMMENTS}/${UNKNOWN_OLD}/${deed}`;
    await expectProblem(await request.post(old, { headers: BOT, data }), 404, "not_found");
    const young = `${COMMENTS}/${Date.now()}-zzzzzzzzzz/${deed}`;
    await expectProblem(await request.post(young, { headers: BOT, data }), 503, "unavailable");
  }
});

test("a bot's nonce returns 201 once, then 200 with the first comment", async ({ request }) => {
  const data = { text: "an answer", type: "bot", nonce: `bot-${Date.now()}` };
  const first = await request.post(COMMENTS, { headers: BOT, data });
  const again = await request.post(COMMENTS, { headers: BOT, data });
  expect([first.status(), again.status()]).toEqual([201, 200]);
  expect(await again.json()).toEqual(await first.json());
});

test("unknown fields are rejected, whatever their names", async ({ request }) => {
  for (const name of ["constructor", "__proto__", "prototype", "toString", ""]) {
    const data = `{"text":"x","${name}":{"text":"y"},"botParams":{"${name}":1}}`;
    const headers = { "Content-Type": "application/json" };
    const response = await request.post(COMMENTS, { headers, data: Buffer.from(data) });
    const invalid = [`/${name}`, `/botParams/${name}`].sort();
    await expectProblem(response, 400, "invalid_field", invalid);
  }
});

test("all invalid fields are reported at once", async ({ request }) => {
  const response = await request.post(COMMENTS, {
    data: { text: "", username: "x".repeat(17), color: "red", id: "mine", timestamp: 1 },
  });
  const invalid = ["/color", "/id", "/text", "/timestamp", "/username"];
  await expectProblem(response, 400, "invalid_field", invalid);
});

for (const [name, data] of [
  ["truncated JSON", '{"text":'],
  ["nothing", ""],
  ["JSON 4,000 levels deep", `${"[".repeat(4_000)}${"]".repeat(4_000)}`],
  ["invalid UTF-8", Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])],
] as const) {
  test(`${name} returns 400 invalid_json`, async ({ request }) => {
    const response = await request.post(COMMENTS, { headers: JSON_TYPE, data: Buffer.from(data) });
    await expectProblem(response, 400, "invalid_json");
  });
}

test("bodies over 8 KiB and of 1 MB return 413", async ({ request }) => {
  for (const size of [8 * 1_024 + 1, 100_000, 1_000_000]) {
    const data = Buffer.alloc(size, " ");
    const response = await request.post(COMMENTS, { headers: JSON_TYPE, data });
    await expectProblem(response, 413, "body_too_large");
  }
});

test("a body not declared as JSON returns 415", async ({ request }) => {
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
    const headers = { "Content-Type": type };
    const response = await request.post(COMMENTS, { headers, data: '{"text":"hi"}' });
    await expectProblem(response, 415, "unsupported_media_type");
  }
});

test("bot endpoints return 401 without a valid token and 403 with another role's", async ({
  request,
}) => {
  const { id } = await (await request.post(COMMENTS, { data: { text: "hi" } })).json();
  const address = `${COMMENTS}/${id}`;
  const wrong: Record<string, string>[] = [
    {},
    { Authorization: "Bearer wrong" },
    { Authorization: "Basic YTpi" },
  ];
  for (const headers of wrong) {
    const response = await request.patch(address, { headers, data: PROCESSED });
    await expectProblem(response, 401, "unauthorized");
    expect(response.headers()["www-authenticate"]).toBe("Bearer");
  }
  const admin = await request.patch(address, { headers: ADMIN, data: PROCESSED });
  await expectProblem(admin, 403, "forbidden");
  for (const data of [
    { text: "hi", type: "bot" },
    { text: "hi", botParams: { priority: 51 } },
    { text: "hi", botParams: { processed: true } },
  ]) {
    await expectProblem(await request.post(COMMENTS, { data }), 401, "unauthorized");
  }
});

test("anyone may address a bot with a priority up to 50", async ({ request }) => {
  const botParams = { entity: "oracle", priority: 50, processed: false };
  const response = await request.post(COMMENTS, { data: { text: "hi", botParams } });
  expect(response.status()).toBe(201);
  expect(await response.json()).toMatchObject({ botParams });
});

test("unknown comments and paths return 404", async ({ request }) => {
  const unknown = await request.patch(`${COMMENTS}/${UNKNOWN_OLD}`, {
    headers: BOT,
    data: PROCESSED,
  });
  await expectProblem(unknown, 404, "not_found");
  for (const path of [
    `/api/comments/${UNKNOWN_OLD}`,
    "/api/comments/nonsense",
    "/api/comments/a/b/c",
    "/api",
    "/api/unknown",
    "/api/unknown/deeper?x=1",
    "/api/comments/%F0%9F%91%8D",
  ]) {
    await expectProblem(await request.get(path), 404, "not_found");
  }
  await expectProblem(await request.post("/api/unknown", { data: {} }), 404, "not_found");
});

test("a comment that may not have arrived yet returns 503 with Retry-After", async ({
  request,
}) => {
  const young = `${Date.now()}-zzzzzzzzzz`;
  const response = await request.patch(`${COMMENTS}/${young}`, { headers: BOT, data: PROCESSED });
  await expectProblem(response, 503, "unavailable");
  expect(response.headers()["retry-after"]).toBe("1");
});

test("an unsupported method returns 405 with Allow", async ({ request }) => {
  for (const [path, methods, allow] of [
    [COMMENTS, ["PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"], "GET, POST, HEAD"],
    [`${COMMENTS}/${UNKNOWN_OLD}`, ["PUT", "POST"], "GET, PATCH, DELETE, HEAD"],
    [`${COMMENTS}/${UNKNOWN_OLD}/claim`, ["GET", "PUT", "PATCH", "DELETE"], "POST"],
    [`${COMMENTS}/${UNKNOWN_OLD}/release`, ["GET", "PUT", "PATCH", "DELETE"], "POST"],
    ["/api/status", ["PUT", "POST", "PATCH", "DELETE"], "GET, HEAD"],
    ["/api/admin/wall", ["GET", "PUT", "POST", "PATCH"], "DELETE"],
  ] as const) {
    for (const method of methods) {
      const response = await request.fetch(path, { method });
      await expectProblem(response, 405, "method_not_allowed");
      expect(response.headers().allow).toBe(allow);
    }
  }
});

test("HEAD answers like GET, without a body", async ({ request }) => {
  const response = await request.head(COMMENTS);
  expect(response.status()).toBe(200);
  expect(response.headers().etag).toMatch(/^W\/"/);
});

test("the status endpoint describes the wall", async ({ request }) => {
  const read = async () => {
    const response = await request.get("/api/status");
    expect(response.status()).toBe(200);
    return response.json();
  };
  // A machine that stalls may have kept it from its last rebuild.
  await expect(async () => expect((await read()).ageMs).toBeLessThan(10_000)).toPass();
  const status = await read();
  expect(status).toMatchObject({
    ok: true,
    window: { capacity: 500 },
    ledger: LEDGER,
    wall: GIVEN ? expect.any(String) : "main",
  });
  if (LEDGER !== "kv") return;
  expect(status.rebuilds.count).toBeGreaterThan(0);
  expect(Object.keys(status.operations)).not.toEqual([]);
});

test("a monitor learns from the status code that the wall is well", async ({ request }) => {
  const response = await request.get("/api/health");
  expect(response.status()).toBe(200);
  expect(await response.json()).toEqual({ ok: true });
  expect(response.headers()["cache-control"]).toContain("no-store");
  expect((await request.head("/api/health")).status()).toBe(200);
});

test("every answer has a request id of the server's own, whatever id the client sends", async ({
  request,
}) => {
  const named = async (path: string) => {
    const response = await request.get(path, { headers: { "X-Request-Id": "mine" } });
    return response.headers()["x-request-id"];
  };
  const ids = [await named("/api/status"), await named(COMMENTS), await named("/api/unknown")];
  for (const id of ids) expect(id).toMatch(/^[0-9a-f-]{16,}$/i);
  expect(new Set(ids).size).toBe(ids.length);
});

test("the production wall can't be cleared, not even by an admin", async ({ request }) => {
  const address = "/api/admin/wall";
  await expectProblem(await request.delete(address), 401, "unauthorized");
  await expectProblem(await request.delete(address, { headers: BOT }), 403, "forbidden");
  test.skip(GIVEN, "the given wall may be a preview, which would be cleared");
  await expectProblem(await request.delete(address, { headers: ADMIN }), 403, "forbidden");
});
