/** Requests that no HTTP client sends: broken, ambiguous or cut off, byte by byte. */
import type { Random } from "../scripts/command/random.mjs";
import type { RawRequest } from "./request";

const BODY = '{"text":"raw"}';

/** The text of a post inside another request's body; it must never appear on the wall. */
export const SMUGGLED = "smuggled";

interface Target {
  host: string;
  botToken: string;
}

export function malformed(random: Random, { host, botToken }: Target): RawRequest {
  const head = (line: string, ...headers: string[]) =>
    [line, `Host: ${host}`, "Connection: close", ...headers, "", ""].join("\r\n");
  const post = "POST /api/comments HTTP/1.1";
  const type = "Content-Type: application/json";
  const whole = head(post, type, `Content-Length: ${BODY.length}`) + BODY;
  const hidden = () => {
    const body = JSON.stringify({ text: SMUGGLED });
    const token = `Authorization: Bearer ${botToken}`;
    return head(post, type, token, `Content-Length: ${body.length}`) + body;
  };
  const wires: readonly (() => string)[] = [
    () => smuggling(random, host, hidden()),
    () => smuggling(random, host, hidden()),
    () => smuggling(random, host, hidden()),
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

/** A request whose body is another request, framed so that two parsers may disagree. */
function smuggling(random: Random, host: string, hidden: string): string {
  const method = random.pick(["GET", "HEAD", "DELETE", "OPTIONS", "POST", "PUT", "PATCH", "PURGE"]);
  const length = `Content-Length: ${hidden.length}`;
  const te = "Transfer-Encoding: chunked";
  const chunks = `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`;
  const [headers, body] = random.pick<readonly [string[], string]>([
    [[length], hidden],
    [[length, "Connection: content-length"], hidden],
    [[length, "Connection: host, content-length, cf-connecting-ip"], hidden],
    [[length, "Connection: Upgrade", "Upgrade: websocket"], hidden],
    [[length, "Expect: 100-continue"], hidden],
    [[te], chunks],
    [[te, "Connection: transfer-encoding"], chunks],
    [[te, "Connection: Upgrade", "Upgrade: h2c"], chunks],
    [["Transfer-Encoding:\r\n chunked"], chunks],
    [["Transfer-Encoding : chunked"], chunks],
    [["Transfer-Encoding: xchunked"], chunks],
    [[te, length], chunks],
    [["Content-Length: 0", te], chunks],
    [[length, "Content-Length: 0"], hidden],
    [[`${length}, 0`], hidden],
  ]);
  return [`${method} /api/status HTTP/1.1`, `Host: ${host}`, ...headers, "", body].join("\r\n");
}
