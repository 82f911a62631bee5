import http from "node:http";
import net, { type AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { clientAddress, createFront } from "./front.mjs";

const servers: http.Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

function serve(server: http.Server): Promise<{ host: string; port: number }> {
  servers.push(server);
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      resolve({ host: "127.0.0.1", port: (server.address() as AddressInfo).port });
    });
  });
}

/** A front before a page that answers with what reached it. */
async function frontBeforeEcho() {
  const page = await serve(
    http.createServer((request, response) => {
      request.resume().on("end", () => {
        response.setHeader("Set-Cookie", ["a=1", "b=2"]);
        response.end(JSON.stringify({ url: request.url, headers: request.headers }));
      });
    }),
  );
  const { port } = await serve(createFront(() => page));
  return { port, url: `http://127.0.0.1:${port}` };
}

test("says in the wall's words that what is behind it restarts", async () => {
  const page = await serve(
    http.createServer((_request, response) => {
      response.writeHead(503, { "Content-Type": "text/plain" });
      response.end("restarted");
    }),
  );
  const { port } = await serve(createFront(() => page));
  const response = await fetch(`http://127.0.0.1:${port}/api/comments`, { method: "POST" });
  expect(response.status).toBe(503);
  expect(response.headers.get("retry-after")).toBe("1");
  expect(await response.json()).toMatchObject({ status: 503, code: "unavailable" });
});

for (const hosts of [["a", "b"], ["a b"], [""], ["a@b/c"]]) {
  test(`refuses ${JSON.stringify(hosts)} for a host`, async () => {
    const { port } = await frontBeforeEcho();
    const lines = ["GET / HTTP/1.1", ...hosts.map((host) => `Host: ${host}`), "Connection: close"];
    const answer = await new Promise<string>((resolve) => {
      let text = "";
      const socket = net.connect(port, "127.0.0.1");
      socket.on("data", (chunk) => {
        text += chunk;
      });
      socket.on("close", () => resolve(text));
      socket.write(`${lines.join("\r\n")}\r\n\r\n`);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  });
}

test("answers an expectation itself: what is behind it need not know any", async () => {
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

test("says who the client is and believes no client", async () => {
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

test.each(["/cdn-cgi/handler/scheduled", "/x/../cdn-cgi/mf/scheduled", "/cdn-cgi"])(
  "the runtime's own %s can't be reached",
  async (target) => {
    const { port } = await frontBeforeEcho();
    expect(
      await raw(port, `GET ${target} HTTP/1.1\r\nHost: wall\r\nConnection: close\r\n\r\n`),
    ).toMatch(/^HTTP\/1\.1 404 /);
  },
);

test("an absolute request target is no way to another host", async () => {
  const { port } = await frontBeforeEcho();
  const request =
    "GET http://elsewhere/api?x=1 HTTP/1.1\r\nHost: wall\r\nConnection: close\r\n\r\n";
  expect(await raw(port, request)).toContain('"url":"/api?x=1"');
});

test.each([
  ["there is no page", () => null],
  ["nobody listens there", () => ({ host: "127.0.0.1", port: 1 })],
])("503 while %s", async (_, target) => {
  const { port } = await serve(createFront(target));
  const response = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: "x" });
  expect(response.status).toBe(503);
  expect(response.headers.get("Retry-After")).toBe("1");
  expect(response.headers.get("Content-Type")).toBe("application/problem+json");
  expect(await response.json()).toMatchObject({ status: 503, code: "unavailable" });
});

test("a read survives the page's end and return on the same connection pool", async () => {
  const page = http.createServer((_, response) => response.end("page"));
  const address = await serve(page);
  const { port } = await serve(createFront(() => address));
  const read = async () => (await fetch(`http://127.0.0.1:${port}/`)).text();
  expect(await read()).toBe("page");
  page.closeAllConnections();
  expect(await read()).toBe("page");
});

function raw(port: number, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    net
      .connect(port, "127.0.0.1", function (this: net.Socket) {
        this.write(request);
      })
      .on("data", (chunk) => {
        answer += chunk;
      })
      .on("end", () => resolve(answer))
      .on("error", reject);
  });
}

test("what a client no longer waits for is not asked for again", async () => {
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
  // The connection behind the front is used again by what follows.
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
