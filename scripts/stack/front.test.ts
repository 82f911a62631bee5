import http from "node:http";
import { expect, test } from "vitest";
import { API_HEADERS } from "../../schema/security-headers.mjs";
import { clientAddress } from "./front/request.mjs";
import { frontBefore, sendRaw, serve } from "./front/testing";
import { createFront } from "./front.mjs";

/** A front before a page that returns the request it received. */
async function frontBeforeEcho() {
  const front = await frontBefore((request, response) => {
    request.resume().on("end", () => {
      response.setHeader("Set-Cookie", ["a=1", "b=2"]);
      response.end(JSON.stringify({ url: request.url, headers: request.headers }));
    });
  });
  return { front, port: front.port, url: `http://127.0.0.1:${front.port}` };
}

function request(line: string, ...headers: string[]) {
  return [line, ...headers, "Connection: close", "", ""].join("\r\n");
}

test.each([
  ["POST", 503, "text/plain", 503, "unavailable"],
  ["GET", 503, "text/plain", 503, "unavailable"],
  ["GET", 500, "text/html; charset=utf-8", 503, "unavailable"],
  ["POST", 502, "text/plain;charset=UTF-8", 503, "unavailable"],
  ["GET", 502, "text/plain;charset=UTF-8", 404, "not_found"],
  ["PROPFIND", 501, "text/plain", 501, "not_implemented"],
])("for %s the runtime's %i as %s becomes a problem of the wall", async (...of) => {
  const [method, status, type, said, code] = of;
  const { port } = await frontBefore((_request, response) => {
    response.writeHead(status, { "Content-Type": type });
    response.end("[wrangler] Error: ENOTDIR, lstat '/home/somebody'");
  });
  const response = await fetch(`http://127.0.0.1:${port}/sw.js/x`, { method });
  expect(response.status).toBe(said);
  expect(response.headers.get("retry-after")).toBe(said === 503 ? "1" : null);
  const text = await response.text();
  expect(JSON.parse(text)).toMatchObject({ status: said, code });
  expect(text).not.toContain("somebody");
});

test("the wall's own 503 is passed on unchanged", async () => {
  const { port } = await frontBefore((_request, response) => {
    response.writeHead(503, { "Content-Type": "application/json" });
    response.end('{"ok":false}');
  });
  const response = await fetch(`http://127.0.0.1:${port}/api/status`);
  expect(response.status).toBe(503);
  expect(await response.json()).toEqual({ ok: false });
});

for (const hosts of [["a", "b"], ["a b"], [""], ["a@b/c"], []]) {
  test(`refuses the Host headers ${JSON.stringify(hosts)}`, async () => {
    const { front } = await frontBeforeEcho();
    const lines = hosts.map((host) => `Host: ${host}`);
    const answer = await sendRaw(front, request("GET / HTTP/1.1", ...lines));
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('"code":"bad_request"');
  });
}

test("HTTP/1.0 without a host gets the address of the connection", async () => {
  const { front, port } = await frontBeforeEcho();
  const answer = await sendRaw(front, "GET /api/status HTTP/1.0\r\n\r\n");
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  expect(answer).toContain(`"host":"127.0.0.1:${port}"`);
});

test.each([
  ["a line that is not a request", "no request\r\n\r\n", 400],
  ["headers without an end", request("GET / HTTP/1.1", `X: ${"x".repeat(20_000)}`), 431],
  ["an unsupported expectation", request("GET / HTTP/1.1", "Host: wall", "Expect: tea"), 417],
  ["a path that is not served", request("GET /_headers HTTP/1.1", "Host: wall"), 404],
  ["two hosts", request("GET / HTTP/1.1", "Host: a", "Host: b"), 400],
])("the refusal of %s is a problem with the API's security headers", async (_, bytes, status) => {
  const { front } = await frontBeforeEcho();
  const answer = await sendRaw(front, bytes);
  const [head = "", body = ""] = answer.split("\r\n\r\n");
  expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(head).toContain("Content-Type: application/problem+json");
  for (const [name, value] of Object.entries(API_HEADERS))
    expect(head).toContain(`${name}: ${value}`);
  expect(JSON.parse(body)).toMatchObject({ type: "about:blank", status });
});

test("answers Expect itself, so that the runtime need not support it", async () => {
  const { url } = await frontBeforeEcho();
  const { hostname, port } = new URL(url);
  const seen = await new Promise<string>((resolve, reject) => {
    const headers = { Expect: "100-continue", "Content-Length": 2 };
    const request = http.request({ hostname, port, method: "POST", headers });
    request.on("error", reject).on("continue", () => request.end("{}"));
    request.on("response", async (response) => {
      let body = "";
      for await (const chunk of response) body += chunk;
      resolve(body);
    });
    request.flushHeaders();
  });
  expect(JSON.parse(seen).headers).not.toHaveProperty("expect");
});

test("sets the client's address and ignores the client's claims", async () => {
  const { url, port } = await frontBeforeEcho();
  const response = await fetch(`${url}/api/status?x=1`, {
    headers: {
      "CF-Connecting-IP": "192.0.2.1",
      "CF-IPCountry": "AQ",
      "X-Forwarded-For": "192.0.2.2",
      "X-Forwarded-Proto": "https",
      Forwarded: "for=192.0.2.3",
      "True-Client-IP": "192.0.2.4",
      "X-Real-IP": "192.0.2.5",
      "MF-Original-URL": "http://elsewhere/",
      Authorization: "Bearer kept",
    },
  });
  const seen = (await response.json()) as { url: string; headers: Record<string, string> };
  expect(seen.url).toBe("/api/status?x=1");
  expect(seen.headers["cf-connecting-ip"]).toBe("127.0.0.1");
  expect(seen.headers.host).toBe(`127.0.0.1:${port}`);
  expect(seen.headers.authorization).toBe("Bearer kept");
  expect(JSON.stringify(seen.headers)).not.toMatch(/192\.0\.2|elsewhere|https|AQ/);
  expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
});

test.each([
  ["127.0.0.1", "127.0.0.1"],
  ["::ffff:192.0.2.9", "192.0.2.9"],
  ["2001:db8::1", "2001:db8::1"],
])("the address %s is written as %s", (address, written) => {
  expect(clientAddress(address)).toBe(written);
});

test.each([
  "/cdn-cgi/handler/scheduled",
  "/x/../cdn-cgi/mf/scheduled",
  "/cdn-cgi",
  "/%63dn-cgi/handler/scheduled",
  "/_headers",
  "/_headers?x",
  "/_redirects",
  "/_routes.json",
  "/_worker.js",
  "/_worker.js/index.js",
  "/%5Fworker.js/index.js",
  "/%5fheaders",
  "//_headers",
  "/./_headers",
  "/%2e/_headers",
  "/%2f_headers",
  "/x%2f..%2f_headers",
  "/x/%2e%2E/_routes.json",
  "/\\_headers",
  "/..%5c_headers",
  "/_HEADERS",
  "http://wall/_worker.js/index.js",
])("the runtime's internal path %s can't be reached", async (target) => {
  const { front } = await frontBeforeEcho();
  const answer = await sendRaw(front, request(`GET ${target} HTTP/1.1`, "Host: wall"));
  expect(answer).toMatch(/^HTTP\/1\.1 404 /);
  expect(answer).toContain('"code":"not_found"');
});

test.each(["/?x=/_headers", "/a/_headers", "/_header", "/__headers", "/api/comments?_worker.js"])(
  "%s is an ordinary path",
  async (path) => {
    const { front } = await frontBeforeEcho();
    const answer = await sendRaw(front, request(`GET ${path} HTTP/1.1`, "Host: wall"));
    expect(answer).toContain(`"url":"${path}"`);
  },
);

test("an absolute request target can't reach another host", async () => {
  const { front } = await frontBeforeEcho();
  const answer = await sendRaw(
    front,
    request("GET http://elsewhere/api?x=1 HTTP/1.1", "Host: wall"),
  );
  expect(answer).toContain('"url":"/api?x=1"');
});

test.each([
  ["there is no page", () => null],
  ["nothing listens there", () => ({ host: "127.0.0.1", port: 1 })],
])("503 while %s", async (_, target) => {
  const { port } = await serve(createFront(target));
  const response = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: "x" });
  expect(response.status).toBe(503);
  expect(response.headers.get("Retry-After")).toBe("1");
  expect(response.headers.get("Content-Type")).toBe("application/problem+json");
  expect(await response.json()).toMatchObject({ status: 503, code: "unavailable" });
});

test("a read survives a restart of the page on the same connection pool", async () => {
  const page = http.createServer((_, response) => response.end("page"));
  const address = await serve(page);
  const { port } = await serve(createFront(() => address));
  const read = async () => (await fetch(`http://127.0.0.1:${port}/`)).text();
  expect(await read()).toBe("page");
  page.closeAllConnections();
  expect(await read()).toBe("page");
});

test("a request whose client disconnected is not retried", async () => {
  const asked: (string | undefined)[] = [];
  let slow: () => void = () => {};
  const hasSlow = new Promise<void>((resolve) => {
    slow = resolve;
  });
  let left: () => void = () => {};
  const hasLeft = new Promise<void>((resolve) => {
    left = resolve;
  });
  const page = await serve(
    http.createServer((request, response) => {
      asked.push(request.url);
      if (request.url !== "/slow") return response.end();
      request.socket.on("close", left);
      slow();
    }),
  );
  const { port } = await serve(createFront(() => page));
  // The next request reuses the connection behind the front.
  await (await fetch(`http://127.0.0.1:${port}/first`)).text();
  const client = new AbortController();
  const leaving = fetch(`http://127.0.0.1:${port}/slow`, { signal: client.signal });
  await hasSlow;
  client.abort();
  await expect(leaving).rejects.toThrow();
  await hasLeft;
  await (await fetch(`http://127.0.0.1:${port}/after`)).text();
  expect(asked).toEqual(["/first", "/slow", "/after"]);
});
