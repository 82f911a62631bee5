import { describe, expect, it } from "vitest";
import { parseAnswer } from "./connection.mjs";

const SIZED = "HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}";
const CHUNKED =
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n";

describe("the client of a bench", () => {
  it.each([
    [SIZED, 201, "{}"],
    [CHUNKED, 200, "abcd"],
    ['HTTP/1.1 304 Not Modified\r\nETag: W/"a"\r\n\r\n', 304, ""],
  ])("parses a complete answer and counts its bytes", (text, status, body) => {
    const bytes = Buffer.from(`${text}HTTP/1.1 200 OK`);
    const answer = parseAnswer(bytes);
    expect(answer?.status).toBe(status);
    expect(answer?.body.toString()).toBe(body);
    expect(answer?.wireBytes).toBe(text.length);
  });

  it.each([SIZED, CHUNKED])("waits for the rest of an incomplete answer", (text) => {
    for (let length = 0; length < text.length; length += 1)
      expect(parseAnswer(Buffer.from(text.slice(0, length)))).toBeNull();
  });
});
