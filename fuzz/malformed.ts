/** What no HTTP client sends: broken, ambiguous or cut-off requests, byte by byte. */
import type { Random } from "../sim/random";
import type { RawRequest } from "./request";

const BODY = '{"text":"raw"}';

export function malformed(random: Random, { host }: { host: string }): RawRequest {
  const head = (line: string, ...headers: string[]) =>
    [line, `Host: ${host}`, "Connection: close", ...headers, "", ""].join("\r\n");
  const post = "POST /api/comments HTTP/1.1";
  const type = "Content-Type: application/json";
  const whole = head(post, type, `Content-Length: ${BODY.length}`) + BODY;
  const wires: readonly (() => string)[] = [
    () => whole.slice(0, random.integer(1, whole.length - 1)),
    () => head(post, type, "Content-Length: 1000") + BODY,
    () => head(post, type, "Content-Length: -1") + BODY,
    () => head(post, type, "Content-Length: 5", "Content-Length: 14") + BODY,
    () => head(post, type, "Content-Length: 14", "Transfer-Encoding: chunked") + BODY,
    () => `${head(post, type, "Transfer-Encoding: chunked")}zz\r\n${BODY}\r\n0\r\n\r\n`,
    () => `${head(post, type, "Transfer-Encoding: chunked")}e\r\n${BODY}`,
    () => head(post, type, "Transfer-Encoding: chunked, identity") + BODY,
    () => head("GET /api/comments"),
    () => head("GET  /api/comments HTTP/1.1"),
    () => head("GET /api/comments HTTP/9.9"),
    () => head("GET /api/\u0000comments HTTP/1.1"),
    () => head("GET /api/\u00ff\u00fe HTTP/1.1"),
    () => head("GET http://elsewhere/api/status HTTP/1.1"),
    () => head("GET http://[/ HTTP/1.1"),
    () => head("GET //elsewhere/api/status HTTP/1.1"),
    () => head("OPTIONS * HTTP/1.1"),
    () => head("CONNECT elsewhere:443 HTTP/1.1"),
    () => head("FROBNICATE / HTTP/1.1"),
    () => head(`GET /${"a".repeat(20_000)} HTTP/1.1`),
    () => head("GET / HTTP/1.1", `X: ${"a".repeat(20_000)}`),
    () => head("GET / HTTP/1.1", ...Array.from({ length: 3_000 }, (_, n) => `X${n}: 1`)),
    () => head("GET / HTTP/1.1", "no colon here"),
    () => head("GET / HTTP/1.1", ": empty"),
    () => head("GET / HTTP/1.1", "X: a\u0000b"),
    () => head("GET /api/status HTTP/1.1", "Host: two"),
    () =>
      head("GET / HTTP/1.1").replace(host, random.pick(["", "a b", "[", "x:y", "a/b", "a@b", "é"])),
    () => "GET /api/status HTTP/1.1\r\n\r\n",
    () => "GET /api/status HTTP/1.0\r\n\r\n",
    () => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    () => "\u0016\u0003\u0001\u0002\u0000\u0001\u0000",
    () => head("GET /api/status HTTP/1.1").replace("close", "keep-alive").repeat(5),
    () => Array.from({ length: 200 }, () => String.fromCharCode(random.integer(0, 255))).join(""),
  ];
  return { raw: Buffer.from(random.pick(wires)(), "latin1") };
}
