import { expect, test } from "vitest";
import { createFront } from "../front.mjs";
import { CountingPage, sendRaw, serve } from "./testing";

/** A second request with a forged address, hidden in a body by an attacker. */
const HIDDEN = [
  "POST /api/comments HTTP/1.1",
  "Host: wall",
  "CF-Connecting-IP: 192.0.2.1",
  "Content-Length: 2",
  "",
  "{}",
].join("\r\n");

const CHUNKED = `${HIDDEN.length.toString(16)}\r\n${HIDDEN}\r\n0\r\n\r\n`;
const LENGTH = `Content-Length: ${HIDDEN.length}`;
const TE = "Transfer-Encoding: chunked";

/** Headers and body, and whether HTTP allows them; if so, the page gets this body or none. */
const FRAMINGS: [title: string, headers: string[], body: string, allowed: boolean][] = [
  ["no body", [], "", true],
  ["a length", [LENGTH], HIDDEN, true],
  ["chunks", [TE], CHUNKED, true],
  ["chunks with a trailer", [TE, "Trailer: X"], CHUNKED.replace(/\r\n$/, "X: 1\r\n\r\n"), true],
  ["chunks, named in Connection", [TE, "Connection: transfer-encoding"], CHUNKED, true],
  ["a length, named in Connection", [LENGTH, "Connection: content-length"], HIDDEN, true],
  ["a length, in two Connections", [LENGTH, "Connection: x, CONTENT-LENGTH"], HIDDEN, true],
  ["the address, named in Connection", [LENGTH, "Connection: cf-connecting-ip"], HIDDEN, true],
  ["the host, named in Connection", [LENGTH, "Connection: host"], HIDDEN, true],
  ["an upgrade", [LENGTH, "Connection: Upgrade", "Upgrade: websocket"], HIDDEN, true],
  ["an upgrade of chunks", [TE, "Connection: Upgrade", "Upgrade: h2c"], CHUNKED, true],
  ["an expectation", [LENGTH, "Expect: 100-continue"], HIDDEN, true],
  ["a forged address", [LENGTH, "CF-Connecting-IP: 192.0.2.1"], HIDDEN, true],
  ["a length and chunks", [LENGTH, TE], CHUNKED, false],
  ["chunks and a length", [TE, LENGTH], CHUNKED, false],
  ["a length and chunks, named", [LENGTH, TE, "Connection: transfer-encoding"], CHUNKED, false],
  ["two equal lengths", [LENGTH, LENGTH], HIDDEN, false],
  ["two lengths", [LENGTH, "Content-Length: 0"], HIDDEN, false],
  ["two lengths in one header", [`${LENGTH}, 0`], HIDDEN, false],
  ["a length with a sign", [`Content-Length: +${HIDDEN.length}`], HIDDEN, false],
  ["a negative length", ["Content-Length: -1"], HIDDEN, false],
  ["a length in hexadecimal", ["Content-Length: 0x10"], HIDDEN, false],
  ["a space before the colon", [`Content-Length : ${HIDDEN.length}`], HIDDEN, false],
  ["chunks twice", ["Transfer-Encoding: chunked, chunked"], CHUNKED, false],
  ["chunks, then identity", ["Transfer-Encoding: chunked, identity"], CHUNKED, false],
  ["an unknown coding", ["Transfer-Encoding: xchunked"], CHUNKED, false],
  ["a size that is not a number", [TE], `zz\r\n${HIDDEN}\r\n0\r\n\r\n`, false],
  ["a size that is too large", [TE], `${"f".repeat(17)}\r\n${HIDDEN}\r\n0\r\n\r\n`, false],
  ["a chunk longer than it says", [TE], `1\r\n${HIDDEN}\r\n0\r\n\r\n`, false],
  ["a bare line feed between headers", [`X: 1\n${TE}`], CHUNKED, false],
];

for (const method of ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"]) {
  test.each(FRAMINGS)(
    `${method} with %s reaches the page as one request or none`,
    async (...of) => {
      const [title, headers, body, allowed] = of;
      const page = new CountingPage();
      const to = await page.listen();
      const front = await serve(createFront(() => to));
      const closing = headers.some((header) => header.startsWith("Connection"))
        ? headers
        : [...headers, "Connection: close"];
      const head = [`${method} /api/status HTTP/1.1`, "Host: wall", ...closing, "", ""].join(
        "\r\n",
      );
      // The second request shows that the front is done with the first, and that nothing remained
      // between them.
      const next = "GET /next HTTP/1.1\r\nHost: wall\r\nConnection: close\r\n\r\n";
      const answer = await sendRaw(front, head + body + (closing === headers ? next : ""));

      expect(page.rest).toBe("");
      const own = page.requests.filter(({ line }) => line !== "GET /next HTTP/1.1");
      if (!allowed) {
        expect(answer).toMatch(/^HTTP\/1\.1 400 /);
        expect(own).toEqual([]);
        return;
      }
      expect(answer).toMatch(/^HTTP\/1\.1 (100 Continue\r\n\r\nHTTP\/1\.1 )?200 /);
      expect(own.map(({ line }) => line)).toEqual([`${method} /api/status HTTP/1.1`]);
      for (const seen of page.requests) {
        const values = (name: string) =>
          seen.headers.filter(([header]) => header === name).map(([, value]) => value);
        expect(values("cf-connecting-ip")).toEqual(["127.0.0.1"]);
        expect(values("host")).toEqual(["wall"]);
        expect(values("transfer-encoding")).toEqual([]);
        expect(values("content-length").length).toBeLessThanOrEqual(1);
      }
      const isRead = method === "GET" || method === "HEAD";
      expect(own[0]?.body).toBe(isRead || title === "no body" ? "" : HIDDEN);
    },
  );
}

test("a header folded over two lines becomes one header or is refused", async () => {
  const page = new CountingPage();
  const to = await page.listen();
  const front = await serve(createFront(() => to));
  for (const folded of ["X: a\r\n b", "Transfer-Encoding:\r\n chunked", "Content-Length:\r\n 5"]) {
    const head = `DELETE /x HTTP/1.1\r\nHost: wall\r\nConnection: close\r\n${folded}\r\n\r\n`;
    await sendRaw(front, `${head}${/chunked/.test(folded) ? CHUNKED : "12345"}`);
  }
  expect(page.rest).toBe("");
  for (const { line, headers } of page.requests) {
    expect(line).toBe("DELETE /x HTTP/1.1");
    expect(headers.filter(([name]) => name === "cf-connecting-ip")).toEqual([
      ["cf-connecting-ip", "127.0.0.1"],
    ]);
    expect(headers.map(([name]) => name)).not.toContain("transfer-encoding");
  }
});

test("bytes after a request that are not a request don't answer it", async () => {
  const page = new CountingPage();
  const to = await page.listen();
  const front = await serve(createFront(() => to));
  const post = "POST /x HTTP/1.1\r\nHost: wall\r\nContent-Length: 2\r\n\r\n{}";
  const answer = await sendRaw(front, `${post}no request\r\n\r\n`);
  expect(answer).not.toContain("400 Bad Request");
  expect(page.rest).toBe("");
});
